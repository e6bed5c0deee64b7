using System.Buffers.Binary;
using System.Text;

namespace Aim.Models.Tests.Checkpoints;

/// <summary>Reading and writing safetensors: round trips, rounding, and files made to break a reader.</summary>
public sealed class SafetensorsTests
{
    private string _directory = "";

    [SetUp]
    public void MakeDirectory() => _directory = Fixture.NewDirectory();

    [TearDown]
    public void RemoveDirectory() => Directory.Delete(_directory, recursive: true);

    private string File(string name) => Path.Combine(_directory, name);

    // Headers (the data after them is 16 bytes long unless the case says otherwise) and what the message must name.
    private static IEnumerable<TestCaseData> Attacks()
    {
        static TestCaseData Case(string name, string header, string expected, int data = 16)
            => new TestCaseData(header, data, expected).SetArgDisplayNames(name);

        yield return Case("not JSON", "{\"a\":", "not valid JSON");
        yield return Case("not an object", "[1,2]", "does not begin with '{'");
        yield return Case("begins with a space", " {}", "does not begin with '{'", 0);
        yield return Case("empty", "", "does not begin with '{'", 0);
        yield return Case("text after the object", "{}x", "not valid JSON", 0);
        yield return Case(
            "duplicate name",
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,16]}}",
            "twice");
        yield return Case(
            "duplicate field", "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}}", "twice");
        yield return Case("no dtype", "{\"a\":{\"shape\":[4],\"data_offsets\":[0,16]}}", "dtype is missing");
        yield return Case("unknown dtype", "{\"a\":{\"dtype\":\"F31\",\"shape\":[4],\"data_offsets\":[0,16]}}", "F31");
        yield return Case("dtype as number", "{\"a\":{\"dtype\":\"0\",\"shape\":[4],\"data_offsets\":[0,16]}}", "not supported");
        yield return Case("no shape", "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,16]}}", "shape is missing");
        yield return Case("negative shape", "{\"a\":{\"dtype\":\"F32\",\"shape\":[-4],\"data_offsets\":[0,16]}}", "shape");
        yield return Case("fraction in shape", "{\"a\":{\"dtype\":\"F32\",\"shape\":[4.5],\"data_offsets\":[0,16]}}", "shape");
        yield return Case("no offsets", "{\"a\":{\"dtype\":\"F32\",\"shape\":[4]}}", "data_offsets is missing");
        yield return Case("one offset", "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[16]}}", "two numbers");
        yield return Case("three offsets", "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16,16]}}", "two numbers");
        yield return Case(
            "offsets reversed", "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[16,0]}}", "do not lie within");
        yield return Case(
            "offset beyond the file", "{\"a\":{\"dtype\":\"F32\",\"shape\":[8],\"data_offsets\":[0,32]}}", "do not lie within");
        yield return Case("offset beyond 64 bits",
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,18446744073709551616]}}", "data_offsets");
        yield return Case("product overflows",
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,16]}}", "overflows");
        yield return Case("product overflows to the right size",
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387905,4],\"data_offsets\":[0,16]}}", "overflows");
        yield return Case(
            "too few bytes for the shape", "{\"a\":{\"dtype\":\"F32\",\"shape\":[5],\"data_offsets\":[0,16]}}", "needs 20");
        yield return Case(
            "overlap",
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,16]}}",
            "overlap");
        yield return Case(
            "same bytes twice",
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}}",
            "overlap");
        yield return Case(
            "hole",
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,16]}}",
            "holes");
        yield return Case("hole at the start", "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,16]}}", "holes");
        yield return Case(
            "bytes left over", "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", "follow the last tensor");
        yield return Case("no tensors but data", "{}", "follow the last tensor");
        yield return Case(
            "unknown field", "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16],\"x\":1}}", "unknown field");
        yield return Case("tensor is a number", "{\"a\":3}", "an object");
        yield return Case("metadata not strings",
            "{\"__metadata__\":{\"a\":1},\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}}", "__metadata__");
        yield return Case("metadata not an object",
            "{\"__metadata__\":\"x\",\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}}", "__metadata__");
        yield return Case(
            "half a character", "{\"a\\ud800\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}}", "half a character");
        yield return Case(
            "dimensions without end",
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[4" + string.Concat(Enumerable.Repeat(",1", 100))
            + "],\"data_offsets\":[0,16]}}",
            "101 dimensions");
        yield return Case(
            "deep nesting", string.Concat(Enumerable.Repeat("{\"a\":", 5000)) + "1" + new string('}', 5000), "not valid JSON");
    }

    [TestCaseSource(nameof(Attacks))]
    public void Rejects_hostile_headers(string header, int data, string expected)
    {
        string path = File("attack.safetensors");
        WriteRaw(path, (ulong)Encoding.UTF8.GetByteCount(header), Encoding.UTF8.GetBytes(header), data);
        var e = Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(path).Dispose())!;
        Assert.That(e.Message, Does.Contain(expected).And.StartWith(path).And.Not.Contain("\n"));
    }

    [TestCase(0, "empty, or no plain file")]
    [TestCase(7, "only 7 bytes")]
    public void Rejects_files_without_a_prefix(int length, string expected)
    {
        System.IO.File.WriteAllBytes(File("short"), new byte[length]);
        Assert.That(
            () => SafetensorsFile.Open(File("short")), Throws.TypeOf<CheckpointException>().With.Message.Contains(expected));
    }

    [TestCase(100_000_001UL, "more than 100000000")]
    [TestCase(ulong.MaxValue, "more than 100000000")]
    [TestCase(0x8000000000000000UL, "more than 100000000")]
    [TestCase(99_999_999UL, "truncated")]
    [TestCase(3UL, "truncated")]
    public void Rejects_header_lengths(ulong announced, string expected)
    {
        WriteRaw(File("a"), announced, "{}"u8.ToArray(), 0);
        Assert.That(() => SafetensorsFile.Open(File("a")), Throws.TypeOf<CheckpointException>().With.Message.Contains(expected));
    }

    [Test]
    public void Rejects_a_header_that_is_not_utf8()
    {
        byte[] header = [.. "{\""u8, 0xFF, 0xFE, .. "\":{}}"u8];
        WriteRaw(File("a"), (ulong)header.Length, header, 0);
        Assert.That(() => SafetensorsFile.Open(File("a")), Throws.TypeOf<CheckpointException>().With.Message.Contains("UTF-8"));
    }

    [Test]
    public void Every_truncation_of_a_good_file_is_rejected()
    {
        string path = File("good");
        SafetensorsWriter.Write(path, [SafetensorsEntry.Float("a", SafetensorsType.F32, [2, 2], new float[] { 1, 2, 3, 4 })]);
        byte[] bytes = System.IO.File.ReadAllBytes(path);
        for (int length = 0; length < bytes.Length; length++)
        {
            System.IO.File.WriteAllBytes(File("cut"), bytes[..length]);
            Assert.That(() => SafetensorsFile.Open(File("cut")), Throws.TypeOf<CheckpointException>(), $"{length} bytes");
        }
    }

    // Whatever happens to a file's bytes: it opens and reads, or it is refused; nothing else escapes, and nothing outside is
    // read.
    [FsCheck.NUnit.Property(MaxTest = 200)]
    public void Damaged_files_are_read_or_refused((ushort At, byte Value)[] damage)
    {
        string directory = Fixture.NewDirectory(), path = Path.Combine(directory, "a");
        SafetensorsWriter.Write(path, [
            SafetensorsEntry.Float("a", SafetensorsType.BF16, [2, 3], new float[6]),
            SafetensorsEntry.Int64("b", [2], new long[2])]);
        byte[] bytes = System.IO.File.ReadAllBytes(path);
        foreach (var (at, value) in damage)
            bytes[at % bytes.Length] = value < 128 ? "0123456789[]{}:,\"- \\"u8[value % 20] : value;
        System.IO.File.WriteAllBytes(path, bytes);
        try
        {
            using var file = SafetensorsFile.Open(path);
            Assert.That(file.Names.Sum(n => file.ReadBytes(n).Length), Is.LessThan(bytes.Length));
        }
        catch (CheckpointException e)
        {
            Assert.That(e.Message, Does.StartWith(path).And.Not.Contain("\n"));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Test]
    public void Missing_file_and_missing_tensor_are_named()
    {
        Assert.That(
            () => SafetensorsFile.Open(File("none")), Throws.TypeOf<CheckpointException>().With.Message.Contains("no such file"));
        SafetensorsWriter.Write(File("a"), [SafetensorsEntry.Int64("ids", [1], new long[] { 7 })]);
        using var file = SafetensorsFile.Open(File("a"));
        Assert.That(() => file.ReadFloat32("b"), Throws.TypeOf<CheckpointException>().With.Message.Contains("no tensor b"));
        Assert.That(() => file.ReadFloat32("ids"), Throws.TypeOf<CheckpointException>().With.Message.Contains("I64"));
    }

    [FsCheck.NUnit.Property(MaxTest = 50)]
    public void Round_trip_is_exact_and_independent_of_order(float[] floats, long[] longs, byte[] bytes)
    {
        List<SafetensorsEntry> entries =
        [
            SafetensorsEntry.Float("floats", SafetensorsType.F32, [floats.Length], floats),
            SafetensorsEntry.Int64("longs \"ünicode\"", [1, longs.Length], longs),
            SafetensorsEntry.Bytes("bytes", [bytes.Length, 1], bytes),
            SafetensorsEntry.Float("rounded", SafetensorsType.BF16, [floats.Length], floats),
        ];
        string directory = Fixture.NewDirectory();
        string path = Path.Combine(directory, "a.safetensors"), second = Path.Combine(directory, "b.safetensors");
        SafetensorsWriter.Write(path, entries);
        entries.Reverse();
        SafetensorsWriter.Write(second, entries);
        Assert.That(System.IO.File.ReadAllBytes(second), Is.EqualTo(System.IO.File.ReadAllBytes(path)));
        using (var file = SafetensorsFile.Open(path))
        {
            Assert.That(
                file.ReadFloat32("floats").Select(BitConverter.SingleToInt32Bits),
                Is.EqualTo(floats.Select(BitConverter.SingleToInt32Bits)));
            Assert.That(file.ReadInt64("longs \"ünicode\""), Is.EqualTo(longs));
            Assert.That(file.ReadBytes("bytes"), Is.EqualTo(bytes));
            Assert.That(file.Info("bytes").Shape, Is.EqualTo(new long[] { bytes.Length, 1 }));

            // Rounded once, the values stay as they are.
            float[] rounded = file.ReadFloat32("rounded");
            string third = Path.Combine(directory, "c.safetensors");
            SafetensorsWriter.Write(third, [SafetensorsEntry.Float("x", SafetensorsType.BF16, [rounded.Length], rounded)]);
            using var again = SafetensorsFile.Open(third);
            Assert.That(
                again.ReadFloat32("x").Select(BitConverter.SingleToInt32Bits),
                Is.EqualTo(rounded.Select(BitConverter.SingleToInt32Bits)));
        }

        Assert.That(Directory.GetFiles(directory), Has.Length.EqualTo(3), "no temporary file is left");
        Directory.Delete(directory, recursive: true);
    }

    [TestCase(1f, 1f)]
    [TestCase(1.00390625f, 1f)] // halfway between 1 and 1 + 2^-7: to the even one
    [TestCase(1.01171875f, 1.015625f)] // halfway, and the even one lies above
    [TestCase(1.0039064f, 1.0078125f)]
    [TestCase(-1.00390625f, -1f)]
    [TestCase(3.4e38f, float.PositiveInfinity)]
    [TestCase(float.NegativeInfinity, float.NegativeInfinity)]
    [TestCase(float.NaN, float.NaN)]
    [TestCase(1e-45f, 0f)]
    public void Bfloat16_rounds_to_nearest_even(float value, float expected)
    {
        SafetensorsWriter.Write(File("a"), [SafetensorsEntry.Float("x", SafetensorsType.BF16, [], new[] { value })]);
        using var file = SafetensorsFile.Open(File("a"));
        Assert.That(file.ReadFloat32("x"), Is.EqualTo(new[] { expected }));
    }

    [Test]
    public void Half_is_widened_exactly()
    {
        SafetensorsWriter.Write(
            File("a"), [SafetensorsEntry.Float("x", SafetensorsType.F16, [3], new[] { 0.1f, 65504f, -5.9604645e-8f })]);
        using var file = SafetensorsFile.Open(File("a"));
        Assert.That(file.ReadFloat32("x"), Is.EqualTo(new[] { 0.099975586f, 65504f, -5.9604645e-8f }));
    }

    [Test]
    public void Integers_are_widened_with_their_sign()
    {
        byte[] header = Encoding.UTF8.GetBytes(
            "{\"i\":{\"dtype\":\"I32\",\"shape\":[2],\"data_offsets\":[0,8]},"
            + "\"u\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[8,10]}}");
        WriteRaw(File("a"), (ulong)header.Length, header, 10);
        byte[] bytes = System.IO.File.ReadAllBytes(File("a"));
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(^10), -2);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(^6), int.MaxValue);
        bytes[^1] = 255;
        System.IO.File.WriteAllBytes(File("a"), bytes);
        using var file = SafetensorsFile.Open(File("a"));
        Assert.That(file.ReadInt64("i"), Is.EqualTo(new long[] { -2, int.MaxValue }));
        Assert.That(file.ReadInt64("u"), Is.EqualTo(new long[] { 0, 255 }));
        Assert.That(() => file.ReadFloat32("u"), Throws.TypeOf<CheckpointException>());
    }

    [Test]
    public void A_failed_write_leaves_the_old_file()
    {
        SafetensorsWriter.Write(File("a"), [SafetensorsEntry.Int64("x", [1], new long[] { 1 })]);
        byte[] before = System.IO.File.ReadAllBytes(File("a"));
        Assert.That(
            () => SafetensorsWriter.Write(
                File("a"),
                [SafetensorsEntry.Int64("x", [1], new long[] { 1 }), SafetensorsEntry.Int64("x", [1], new long[] { 2 })]),
            Throws.ArgumentException);
        Assert.That(() => SafetensorsEntry.Int64("x", [3], new long[] { 1 }), Throws.ArgumentException);
        Assert.That(System.IO.File.ReadAllBytes(File("a")), Is.EqualTo(before));
        Assert.That(Directory.GetFiles(_directory), Has.Length.EqualTo(1));
    }

    private static void WriteRaw(string path, ulong announced, byte[] header, int data)
    {
        var bytes = new byte[8 + header.Length + data];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, announced);
        header.CopyTo(bytes, 8);
        System.IO.File.WriteAllBytes(path, bytes);
    }
}
