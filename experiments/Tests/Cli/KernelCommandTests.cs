using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using Aim.Experiments.Jupyter;

namespace Aim.Experiments.Tests.Cli;

/// <summary><c>aim kernel install</c> and <c>uninstall</c>, with a Python that only says what it is asked.</summary>
[Platform("Linux,MacOsX")]
[UnsupportedOSPlatform("windows")]
public class KernelCommandTests
{
    private string _root = null!;
    private string _python = null!;

    [SetUp]
    public void Create()
    {
        _root = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"kernel spec é {Guid.NewGuid():N}");
        Directory.CreateDirectory(_root);
        _python = Script("python3", $"echo '[\"{In("python3")}\", \"6.17.0\", \"{In("data")}\"]'");
    }

    [TearDown]
    public void Remove() => Directory.Delete(_root, recursive: true);

    private string In(params string[] names) => Path.Combine([_root, .. names]);

    private string Script(string name, string command)
    {
        File.WriteAllText(In(name), $"#!/bin/sh\n{command}\n");
        File.SetUnixFileMode(In(name), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return In(name);
    }

    private static async Task Fails(string[] arguments, params string[] parts)
    {
        var (code, _, error) = await Workplace.Aim(arguments);
        Assert.That(code, Is.EqualTo(2), error);
        foreach (string part in parts)
            Assert.That(error.TrimEnd('\n'), Does.Contain(part).And.Not.Contain("\n"));
    }

    [Test]
    public async Task Installed_for_a_prefix_with_an_alias_and_removed_again()
    {
        var (code, output, error) = await Workplace.Aim(
            "kernel", "install", "--prefix", _root, "--python", _python, "--alias", ".net-csharp");
        Assert.That(code, Is.Zero, error);
        string kernels = In("share", "jupyter", "kernels");
        Assert.That(output,
            Does.Contain(Path.Combine(kernels, "aim-csharp")).And.Contain(".net-csharp").And.Contain("ipykernel 6.17.0"));

        var spec = JsonNode.Parse(File.ReadAllText(Path.Combine(kernels, "aim-csharp", "kernel.json")))!;
        string[] argv = [.. spec["argv"]!.AsArray().Select(a => (string)a!)];
        Assert.That(((string?)spec["display_name"], (string?)spec["language"]), Is.EqualTo(("C# (Aim)", "C#")));
        Assert.That(argv[..5],
            Is.EqualTo((string[])
                [_python, Path.Combine(kernels, "aim-csharp", "aim_kernel.py"), "-f", "{connection_file}", "--host"]));
        Assert.That(argv[5..7], Is.All.Matches<string>(File.Exists), "absolute paths");
        Assert.That(KernelSpec.In(kernels).Select(s => s.Fault()), Is.EqualTo((string?[])[null, null]));

        (code, output, _) = await Workplace.Aim("kernel", "uninstall", "--prefix", _root);
        Assert.That((code, Directory.GetDirectories(kernels)), Is.EqualTo((0, Array.Empty<string>())));
        await Fails(["kernel", "uninstall", "--prefix", _root], "there is no kernel of aim");
    }

    [Test]
    public async Task For_the_user_where_that_pythons_Jupyter_looks()
    {
        Assert.That((await Workplace.Aim("kernel", "install", "--user", "--python", _python)).Code, Is.Zero);
        Assert.That(File.Exists(In("data", "kernels", "aim-csharp", "aim_host.py")), Is.True);
        Assert.That((await Workplace.Aim("kernel", "uninstall", "--user", "--python", _python)).Code, Is.Zero);
        Assert.That(Directory.Exists(In("data", "kernels", "aim-csharp")), Is.False);
    }

    [Test]
    public async Task A_stale_kernelspec_says_what_is_missing()
    {
        await Workplace.Aim("kernel", "install", "--prefix", _root, "--python", _python);
        var spec = KernelSpec.In(In("share", "jupyter", "kernels")).Single();
        string json = Path.Combine(spec.Folder, "kernel.json"), fine = File.ReadAllText(json);
        File.WriteAllText(json, fine.Replace("aim.dll", "gone.dll"));
        Assert.That(spec.Fault(), Does.Contain("gone.dll is not there any more: run 'aim kernel install' again"));
        File.WriteAllText(json, fine);
        File.AppendAllText(Path.Combine(spec.Folder, "aim_kernel.py"), "#");
        Assert.That(spec.Fault(), Does.Contain("is not this version's"));
        Script("python3", "exit 1");
        Assert.That(spec.Fault(), Does.Contain("does not run or cannot import ipykernel"));
    }

    [Test]
    public Task Python_without_ipykernel() => Fails(
        ["kernel", "install", "--prefix", _root, "--python", Script("bare", "exit 1")],
        "cannot import ipykernel", "pip install ipykernel");

    [Test]
    public Task Python_that_is_not_there() => Fails(
        ["kernel", "install", "--prefix", _root, "--python", In("none")], "it does not run");

    [Test]
    public Task Two_places() => Fails(["kernel", "install", "--user", "--prefix", _root, "--python", _python], "give one");

    [Test]
    public Task A_name_that_is_none() =>
        Fails(["kernel", "install", "--prefix", _root, "--python", _python, "--alias", "a/b"], "'a/b' is no name of a kernel");

    [Test]
    [Platform("Linux")]
    public async Task No_permission_to_write()
    {
        File.WriteAllText(In("share"), "a file where the folder would be");
        await Fails(["kernel", "install", "--prefix", _root, "--python", _python], "cannot be written", "--user", "--prefix");

        // Where not even root may write.
        await Fails(["kernel", "install", "--prefix", "/sys", "--python", _python], "/sys/share", "cannot be written", "--user");
    }

    [Test]
    public async Task Another_programs_kernel_is_left_alone()
    {
        string folder = Directory.CreateDirectory(In("share", "jupyter", "kernels", ".net-csharp")).FullName;
        File.WriteAllText(Path.Combine(folder, "kernel.json"), "{\"argv\": []}");
        await Fails(["kernel", "install", "--prefix", _root, "--python", _python, "--alias", ".net-csharp"],
            "another program's kernel");
        Assert.That(File.ReadAllText(Path.Combine(folder, "kernel.json")), Is.EqualTo("{\"argv\": []}"));
    }
}
