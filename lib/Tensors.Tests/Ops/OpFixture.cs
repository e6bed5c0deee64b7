using System.Globalization;
using System.Text.Json;

namespace Aim.Tensors.Tests.Ops;

/// <summary>One case of Fixtures/ops/ops.json (made with torch): inputs, arguments, expected results and gradients.</summary>
public sealed class OpCase(JsonElement json, OpFixture fixture)
{
    public string Id => json.GetProperty("id").GetString()!;

    public string Op => json.GetProperty("op").GetString()!;

    public JsonElement Json => json;

    public bool Has(string name) =>
        json.TryGetProperty("args", out var args) && args.TryGetProperty(name, out var v) && v.ValueKind != JsonValueKind.Null;

    public JsonElement Arg(string name) => json.GetProperty("args").GetProperty(name);

    public IEnumerable<string> ArgNames =>
        json.TryGetProperty("args", out var args) ? args.EnumerateObject().Select(p => p.Name) : [];

    public long Long(string name, long otherwise = 0) => Has(name) ? Arg(name).GetInt64() : otherwise;

    public bool Flag(string name, bool otherwise = false) => Has(name) ? Arg(name).GetBoolean() : otherwise;

    public string Text(string name, string otherwise) => Has(name) ? Arg(name).GetString()! : otherwise;

    public double Number(string name, double otherwise = 0) => Has(name) ? Number(Arg(name)) : otherwise;

    public static double Number(JsonElement e) => e.ValueKind == JsonValueKind.String
        ? e.GetString() switch { "inf" => double.PositiveInfinity, "-inf" => double.NegativeInfinity, _ => double.NaN }
        : e.GetDouble();

    /// <summary>An int or float by how it is written.</summary>
    public Scalar Value(string name)
    {
        var e = Arg(name);
        return e.ValueKind switch
        {
            JsonValueKind.True or JsonValueKind.False => e.GetBoolean(),
            JsonValueKind.Number when !e.GetRawText().AsSpan().ContainsAny('.', 'e', 'E') => e.GetInt64(),
            _ => Number(e),
        };
    }

    /// <summary>A number or a list of numbers.</summary>
    public long[] Longs(string name) => !Has(name)
        ? []
        : Arg(name).ValueKind == JsonValueKind.Array ? [.. Arg(name).EnumerateArray().Select(v => v.GetInt64())]
            : [Arg(name).GetInt64()];

    public ScalarType? Dtype(string name) => Has(name) ? OpFixture.Dtype(Arg(name).GetString()!) : null;

    public string[] Names(string property) => json.TryGetProperty(property, out var list)
        ? [.. list.EnumerateArray().Select(v => v.ValueKind == JsonValueKind.Null ? "" : v.GetString()!)]
        : [];

    public Tensor Stored(string name) => fixture.Tensor($"{Id}/{name}");

    public (double Abs, double Rel) Tolerance(string name)
    {
        var t = json.TryGetProperty("tolerances", out var all) && all.TryGetProperty(name, out var own) ? own
            : json.GetProperty("tolerance");
        return (t.GetProperty("abs").GetDouble(), t.GetProperty("rel").GetDouble());
    }

    public override string ToString() => Id.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The cases and the tensors they name.</summary>
public sealed class OpFixture
{
    private readonly Dictionary<string, JsonElement> _index = [];
    private readonly byte[] _bytes;
    private readonly int _start;

    private OpFixture(string folder)
    {
        _bytes = File.ReadAllBytes(Path.Combine(folder, "ops.safetensors"));
        var header = (int)BitConverter.ToInt64(_bytes, 0);
        _start = 8 + header;
        foreach (var entry in JsonDocument.Parse(_bytes.AsMemory(8, header)).RootElement.EnumerateObject())
            _index[entry.Name] = entry.Value;
        var root = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "ops.json"))).RootElement;
        Cases = [.. root.GetProperty("cases").EnumerateArray().Select(c => new OpCase(c, this))];
    }

    public static OpFixture Instance { get; } = new(Path.Combine(AppContext.BaseDirectory, "Fixtures", "ops"));

    public IReadOnlyList<OpCase> Cases { get; }

    public static ScalarType Dtype(string name) => name switch
    {
        "float32" or "F32" => ScalarType.Float32,
        "float64" or "F64" => ScalarType.Float64,
        "int64" or "I64" => ScalarType.Int64,
        "int32" or "I32" => ScalarType.Int32,
        "uint8" or "U8" => ScalarType.Byte,
        "bool" or "BOOL" => ScalarType.Bool,
        _ => throw new NotSupportedException($"dtype {name}"),
    };

    public string StoredType(string key) => _index[key].GetProperty("dtype").GetString()!;

    public Tensor Tensor(string key)
    {
        var e = _index[key];
        long[] shape = [.. e.GetProperty("shape").EnumerateArray().Select(v => v.GetInt64())];
        var offsets = e.GetProperty("data_offsets");
        var raw = _bytes.AsSpan(_start + offsets[0].GetInt32(), offsets[1].GetInt32() - offsets[0].GetInt32());
        var y = empty(shape, Dtype(e.GetProperty("dtype").GetString()!));
        raw.CopyTo(y.bytes);
        return y;
    }
}
