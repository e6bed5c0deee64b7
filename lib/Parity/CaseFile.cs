using System.Text.Json;
using Aim.Models;

namespace Aim.Parity;

/// <summary>
/// A case that fills a folder: case.json (what is asked, plain values, tolerances) and a file of tensors, opened when it is first
/// needed.
/// </summary>
internal sealed class CaseFile(string path, JsonElement root) : IDisposable
{
    private SafetensorsFile? _tensors;

    public string Directory { get; } = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;

    public string Path => path;

    public JsonElement Root => root;

    public JsonElement Args => root.Need("args");

    public JsonElement Inputs => root.Need("inputs");

    public JsonElement Expected => root.Need("expected");

    private SafetensorsFile Tensors => _tensors
        ??= FixtureFiles.OpenTensors(FixtureFiles.Resolve(Directory, root.TextOrNull("tensors") ?? "tensors.safetensors"));

    public static CaseFile Read(string path) => new(path, FixtureFiles.ReadObject(path));

    public bool Expects(string name) => Expected.Has(name);

    /// <summary>A path of the case, relative to its folder.</summary>
    public string Resolve(string relative) => FixtureFiles.Resolve(Directory, relative);

    public long[] Shape(string tensor) => Tensors.Info(tensor).Shape;

    public float[] Floats(string tensor) => Tensors.ReadFloat32(tensor);

    public long[] Integers(string tensor) => Tensors.ReadInt64(tensor);

    public Tensor Tensor(string name) => tensor(Floats(name), Shape(name));

    public void Dispose() => _tensors?.Dispose();
}
