using System.Diagnostics;
using System.Security;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Aim.Kernel.References;

/// <summary>A package with what it depends on, as files.</summary>
/// <param name="Name">Its name, as its feed spells it.</param>
/// <param name="Version">What was chosen.</param>
/// <param name="Assemblies">What runs, and what is compiled against.</param>
/// <param name="Native">Native libraries for this machine.</param>
internal sealed record RestoredPackage(
    string Name, string Version, IReadOnlyList<(string Run, string Compile)> Assemblies, IReadOnlyList<string> Native);

/// <summary>
/// NuGet packages for <c>#r "nuget: ..."</c>, by the SDK's own restore: its feeds, credentials and cache are the user's. All
/// packages of a session are restored together, so that what they share has one version.
/// </summary>
internal sealed partial class PackageRestore : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly Dictionary<string, string> _wanted = new(StringComparer.OrdinalIgnoreCase);
    private string? _folder;

    /// <summary>Restores a package.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="version">A version, or a range or floating version as NuGet writes them; null: the newest.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="InvalidDataException">It is not to be had; the message says why and what to do.</exception>
    public async Task<RestoredPackage> RestoreAsync(string name, string? version, CancellationToken cancel)
    {
        var wanted = new Dictionary<string, string>(_wanted, _wanted.Comparer) { [name] = version ?? "*" };
        _folder ??= Directory.CreateTempSubdirectory("aim-packages-").FullName;
        string project = Path.Combine(_folder, "cells.csproj");
        WriteProject(project, wanted);
        var (code, output) = await RunAsync(project, cancel);
        if (code != 0)
            throw new InvalidDataException(Explain(name, version, output));
        var restored = Read(Path.Combine(_folder, "obj", "project.assets.json"), name);
        _wanted[name] = restored.Version;
        return restored;
    }

    public void Dispose()
    {
        if (_folder is not null)
            Directory.Delete(_folder, recursive: true);
    }

    private static void WriteProject(string path, IReadOnlyDictionary<string, string> wanted)
    {
        string references = string.Concat(wanted.Select(w =>
            $"<PackageReference Include=\"{SecurityElement.Escape(w.Key)}\" Version=\"{SecurityElement.Escape(w.Value)}\" />"));
        File.WriteAllText(path, $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net{Environment.Version.Major}.{Environment.Version.Minor}</TargetFramework>
                <RuntimeIdentifier>{System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier}</RuntimeIdentifier>
                <SelfContained>false</SelfContained>
                <NuGetAudit>false</NuGetAudit>
              </PropertyGroup>
              <ItemGroup>{references}</ItemGroup>
            </Project>
            """);

        // What lies above the temporary folder must not reach into it.
        string folder = Path.GetDirectoryName(path)!;
        foreach (string file in (string[])["Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props"])
            File.WriteAllText(Path.Combine(folder, file), "<Project />");
    }

    private static async Task<(int Code, string Output)> RunAsync(string project, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Patience);
        var start = new ProcessStartInfo(Dotnet(), ["restore", project, "--nologo", "-v", "quiet", "-nodeReuse:false"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = Path.GetDirectoryName(project)!,
        };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new InvalidDataException(
                $"packages are restored by the .NET SDK, which does not start: {error.Message}", error);
        }

        using (process)
        {
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
            try
            {
                await process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                throw new InvalidDataException(
                    $"the package feed did not answer within {Patience.TotalMinutes:0} minutes: offline?");
            }
            finally
            {
                if (!process.HasExited)
                    process.Kill(entireProcessTree: true);
            }

            return (process.ExitCode, await output + await errors);
        }
    }

    private static string Explain(string name, string? version, string output)
    {
        string[] errors = [.. ErrorLine().Matches(output).Select(m => $"{m.Groups[1].Value}: {m.Groups[2].Value}").Distinct()];
        string all = string.Join("; ", errors.Take(3));
        if (errors.Any(e => e.StartsWith("NU1301", StringComparison.Ordinal)))
            return $"the package feed cannot be reached, and {name} is not in the machine's cache of packages: offline? ({all})";
        if (errors.Any(e => e.StartsWith("NU1101", StringComparison.Ordinal)))
            return $"no feed has a package {name} ({all})";
        if (errors.Any(e => e.StartsWith("NU1102", StringComparison.Ordinal) || e.StartsWith("NU1103", StringComparison.Ordinal)))
            return $"no feed has {name} in version {version ?? "*"} ({all})";
        return all.Length > 0 ? all : $"'dotnet restore' failed: {output.Trim()}";
    }

    private static RestoredPackage Read(string assets, string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(assets));
        var root = document.RootElement;
        string[] folders = [.. root.GetProperty("packageFolders").EnumerateObject().Select(f => f.Name)];
        var target = root.GetProperty("targets").EnumerateObject().Single(t => t.Name.Contains('/')).Value;
        var (assemblies, native, found) = (new List<(string, string)>(), new List<string>(), default(string));
        foreach (var package in target.EnumerateObject())
        {
            if (package.Name.StartsWith(name + "/", StringComparison.OrdinalIgnoreCase))
                found = package.Name;
            if (!root.GetProperty("libraries").GetProperty(package.Name).TryGetProperty("path", out var path))
                continue;
            string folder = folders.Select(f => Path.Combine(f, path.GetString()!)).FirstOrDefault(Directory.Exists) ?? "";
            IEnumerable<string> Files(string kind) => package.Value.TryGetProperty(kind, out var files)
                ? files.EnumerateObject().Select(f => Path.Combine(folder, f.Name))
                    .Where(f => !f.EndsWith("_._", StringComparison.Ordinal))
                : [];
            var compile = Files("compile").ToDictionary(f => Path.GetFileName(f), StringComparer.OrdinalIgnoreCase);
            assemblies.AddRange(Files("runtime").Where(f => f.EndsWith(".dll", StringComparison.OrdinalIgnoreCase))
                .Select(f => (f, compile.GetValueOrDefault(Path.GetFileName(f), f))));
            native.AddRange(Files("native"));
        }

        string[] parts = (found ?? $"{name}/?").Split('/');
        return new RestoredPackage(parts[0], parts[1], assemblies, native);
    }

    // The program that runs this process's runtime, so that no PATH is needed.
    private static string Dotnet()
    {
        string root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", ".."));
        string program = Path.Combine(root, OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet");
        return File.Exists(program) ? program : "dotnet";
    }

    [GeneratedRegex(@"error (NU\d+|MSB\d+|NETSDK\d+): (.*?)(?: \[[^\]]*\])?\r?$", RegexOptions.Multiline)]
    private static partial Regex ErrorLine();
}
