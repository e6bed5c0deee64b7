using System.Globalization;
using System.Text;

namespace Aim.Models.Tests.Checkpoints;

/// <summary>
/// Headers, indices and configurations with seeded damage: each is read, or refused with the documented exception; nothing else
/// escapes, and no size that a file names decides how much memory or time is taken.
/// </summary>
public sealed class FuzzTests
{
    private const int DataLength = 40;

    private static readonly string[] s_headers =
    [
        """{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b":{"dtype":"BF16","shape":[8],"data_offsets":[24,40]}}""",
        """{"w":{"dtype":"I64","shape":[5,1],"data_offsets":[0,40]},"é\u00e9":{"dtype":"U8","shape":[0],"data_offsets":[40,40]}}""",
    ];

    private static readonly string[] s_indices =
        ["""{"metadata":{"total_size":40},"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors"}}"""];

    // Pieces that damage is made of: what parsers trip over.
    private static readonly string[] s_pieces =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "null", "true", "-1", "0", "1e309", "1.5", "9223372036854775807", "9223372036854775808",
        "18446744073709551615", "4294967296", "2147483647", "-2147483648", "\\ud800", "\\u0000", "\u00e9", "\"\"", "[]", "{}", " ", "\n",
        "../", "F64", "F8_E4M3", "\"shape\"", "\"a\"", "[[[[[[[[[[[[", "mistral", "llava_next", "siglip_vision_model", "full",
    ];

    // About two seconds.
    [Test]
    public void Damaged_headers_indices_and_configurations_are_read_or_refused() => Run(seed: 1, count: 12_000);

    [Test, Explicit("minutes: more of the same")]
    public void Many_more_of_them() => Run(seed: 2, count: 1_000_000);

    private static void Run(int seed, int count)
    {
        var random = new Random(seed);
        string[] configs = [.. new[] { "tiny-llava-1.5", "tiny-llava-next-mistral", "tiny-llava-next-vicuna", "tiny-llava-onevision" }
            .Select(d => File.ReadAllText(Fixture.PathOf("models", d, "config.json")))];
        (string[] Texts, Action<byte[]> Read)[] kinds =
        [
            (s_headers, b => SafetensorsHeader.Parse("file", b, DataLength)),
            (s_indices, b => ShardIndex.Parse(b, "file")),
            (configs, ReadConfig),
        ];
        int refused = 0;
        for (int i = 0; i < count; i++)
        {
            var (texts, read) = kinds[i % kinds.Length];
            byte[] bytes = Damage(texts[random.Next(texts.Length)], random);
            try
            {
                read(bytes);
            }
            catch (CheckpointException e)
            {
                refused++;
                Assert.That(e.Message, Does.StartWith("file").And.Not.Contain("\n"));
            }
            catch (Exception e)
            {
                Assert.Fail($"case {i} of seed {seed}: {e.GetType().Name} for {Encoding.UTF8.GetString(bytes)}\n{e}");
            }
        }

        Assert.That(refused, Is.InRange(count / 4, count - 1), "damage that is noticed, but not always");
    }

    // Whatever is accepted can be listed and laid out without any product of sizes overflowing.
    private static void ReadConfig(byte[] json)
    {
        var file = ConfigSection.Parse(json, "file");
        LlavaFamilyConfig config = file.Text("model_type", "", "llava", "llava_next", "llava_onevision") switch
        {
            "llava" => LlavaConfig.Read(file),
            "llava_next" => LlavaNextConfig.Read(file),
            _ => LlavaOnevisionConfig.Read(file),
        };
        foreach (var weight in MultimodalWeights.Of(config))
            Assert.That(weight.Shape.Aggregate(1L, (product, side) => checked(product * side)), Is.Positive);
        Assert.That(config.FeaturesPerTile, Is.Positive);
        config.ToJson("float32");
        if (config.FeaturesPerTile < 1 << 16)
            Assert.That(config.LayoutOf(480, 640, 1).Tokens, Is.Positive);
    }

    private static byte[] Damage(string text, Random random)
    {
        var damaged = new StringBuilder(text);
        for (int n = random.Next(1, 4); n > 0; n--)
        {
            int at = random.Next(damaged.Length);
            switch (random.Next(6))
            {
                case 0:
                    damaged.Insert(at, s_pieces[random.Next(s_pieces.Length)]);
                    break;
                case 1:
                    damaged.Remove(at, Math.Min(random.Next(1, 9), damaged.Length - at));
                    break;
                case 2:
                    damaged[at] = (char)random.Next(1, 128);
                    break;
                case 3:
                    ReplaceNumber(damaged, at, random);
                    break;
                case 4:
                    int length = Math.Min(random.Next(1, 40), damaged.Length - at);
                    damaged.Insert(random.Next(damaged.Length), damaged.ToString(at, length));
                    break;
                default:
                    damaged.Length = Math.Max(at, 1);
                    break;
            }

            if (damaged.Length == 0)
                damaged.Append('{');
        }

        byte[] bytes = Encoding.UTF8.GetBytes(damaged.ToString());
        if (random.Next(8) == 0)
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        return bytes;
    }

    // The next number behind a place becomes another: small, huge or negative.
    private static void ReplaceNumber(StringBuilder text, int at, Random random)
    {
        while (at < text.Length && !char.IsAsciiDigit(text[at]))
            at++;
        int end = at;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
            end++;
        string number = random.Next(4) switch
        {
            0 => random.Next(64).ToString(CultureInfo.InvariantCulture),
            1 => (1L << random.Next(63)).ToString(CultureInfo.InvariantCulture),
            2 => "-" + random.Next(100).ToString(CultureInfo.InvariantCulture),
            _ => int.MaxValue.ToString(CultureInfo.InvariantCulture),
        };
        text.Remove(at, end - at).Insert(at, number);
    }
}
