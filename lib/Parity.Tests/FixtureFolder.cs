using System.Text;
using System.Text.Json.Nodes;

namespace Aim.Parity.Tests;

/// <summary>A temporary folder with copies of fixtures in it, to be broken.</summary>
internal sealed class FixtureFolder : IDisposable
{
    public FixtureFolder() => Root = Directory.CreateTempSubdirectory("aim-parity-tests-").FullName;

    public static string Source => Path.Combine(AppContext.BaseDirectory, "Fixtures");

    public string Root { get; }

    public string In(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>Copies a fixture's folder under another name.</summary>
    public string Copy(string fixture, string name)
    {
        string target = In(name.Split('/'));
        Directory.CreateDirectory(target);
        foreach (string file in Directory.GetFiles(Path.Combine([Source, .. fixture.Split('/')])))
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        return target;
    }

    public string Write(string name, string text)
    {
        string path = In(name.Split('/'));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Changes a case's description.</summary>
    public void Edit(string name, Action<JsonNode> edit)
    {
        string path = In(name.Split('/'));
        var json = JsonNode.Parse(File.ReadAllText(path))!;
        edit(json);
        File.WriteAllText(path, json.ToJsonString());
    }

    /// <summary>Sets the first byte of a tensor's values in a safetensors file to another value.</summary>
    public void Perturb(string name, string tensor, Func<byte, byte> change, int at = 0)
    {
        string path = In(name.Split('/'));
        byte[] bytes = File.ReadAllBytes(path);
        int header = (int)BitConverter.ToInt64(bytes);
        var entry = JsonNode.Parse(Encoding.UTF8.GetString(bytes, 8, header))![tensor]!;
        int offset = 8 + header + entry["data_offsets"]![0]!.GetValue<int>() + at;
        bytes[offset] = change(bytes[offset]);
        File.WriteAllBytes(path, bytes);
    }

    public CaseResult[] Run() => [.. ParityWalker.Find(Root, ParityKinds.All).Select(c => c.Run())];

    public CaseResult RunOne() => Run().Single();

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
