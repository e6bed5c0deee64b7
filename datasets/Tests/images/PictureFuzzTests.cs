using System.Buffers.Binary;
using System.Diagnostics;

namespace Aim.Datasets.Tests.Images;

/// <summary>
/// Mutated pictures are read or refused with the one documented exception, in bounded memory: never a crash or a hang.
/// </summary>
public class PictureFuzzTests
{
    private static readonly string Folder = Path.Combine(TestContext.CurrentContext.TestDirectory, "Fixtures", "decode");

    // Small files of every kind.
    private static readonly (string Name, byte[] Data)[] Seeds =
    [
        .. Directory.GetFiles(Folder).Where(f => !f.Contains("decode.") && new FileInfo(f).Length < 8192)
            .Order(StringComparer.Ordinal).Select(f => (Path.GetFileName(f), File.ReadAllBytes(f))),
    ];

    // More of them: dotnet test datasets/Tests -- 'TestRunParameters.Parameter(name="fuzz", value="100")'
    [Test]
    public void NothingButTheDocumentedExceptionIsThrown() => Run(seed: 1, files: 50_000 * TestContext.Parameters.Get("fuzz", 1));

    private static void Run(ulong seed, int files)
    {
        var random = new LabRandom(seed);
        var clock = new Stopwatch();
        int read = 0, refused = 0;
        for (int i = 0; i < files; i++)
        {
            var (name, data) = Seeds[random.Below(Seeds.Length)];
            byte[] mutated = Mutate(data, random);
            long before = GC.GetAllocatedBytesForCurrentThread();
            clock.Restart();
            try
            {
                PictureFile.Read(mutated, name);
                read++;
            }
            catch (PictureException e)
            {
                refused++;
                Assert.That(e.Message, Does.StartWith(name + ": ").And.Not.Contains("\n"));
            }
            catch (Exception e)
            {
                string kept = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"fuzz-{seed}-{i}-{name}");
                File.WriteAllBytes(kept, mutated);
                Assert.Fail($"{kept}: {e}");
            }

            // A header may claim what the file can just bear out: 1,032 * 8 pixels of 1 bit for a byte of a PNG, 512 pixels of a
            // JPEG.
            long taken = GC.GetAllocatedBytesForCurrentThread() - before;
            int most = PngFile.Signature.SequenceEqual(mutated.AsSpan(0, Math.Min(8, mutated.Length))) ? 34_000 : 5_000;
            Assert.That(taken, Is.LessThan((long)most * mutated.Length + (1 << 20)), $"memory for {name}, mutation {i}");
            Assert.That(clock.Elapsed, Is.LessThan(TimeSpan.FromSeconds(30)), $"{name}, mutation {i}");
        }

        Assert.That((read, refused), Is.EqualTo((files - refused, files - read)));
        Assert.That(Math.Min(read, refused), Is.GreaterThan(files / 20), "mutations must reach both ends");
    }

    private static byte[] Mutate(byte[] data, LabRandom random)
    {
        byte[] file = [.. data];
        for (int changes = random.Between(1, 6); changes > 0 && file.Length > 16; changes--)
        {
            int at = random.Below(file.Length);
            switch (random.Below(6))
            {
                case 0:
                    file[at] ^= (byte)(1 << random.Below(8));
                    break;
                case 1:
                    file[at] = (byte)random.Bits();
                    break;
                case 2:
                    file[at] = random.Chance(0.5) ? (byte)0xFF : (byte)0;
                    break;
                case 3:
                    file = file[..at];
                    break;
                case 4:
                    int length = random.Below(Math.Min(64, file.Length - at));
                    file = [.. file[..at], .. file.AsSpan(at, length), .. file[at..]];
                    break;
                default:
                    // Near the front, where the sizes stand.
                    file[random.Below(Math.Min(200, file.Length))] = (byte)random.Bits();
                    break;
            }
        }

        // A PNG's chunks need their checksums, or nothing behind them would ever be reached.
        if (random.Chance(0.8))
            Repair(file);
        return file;
    }

    private static void Repair(byte[] file)
    {
        if (!file.AsSpan().StartsWith(PngFile.Signature))
            return;
        for (int at = 8; at + 12 <= file.Length;)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at));
            if (length > file.Length - at - 12)
                return;
            uint crc = Crc32.Of(file.AsSpan(at + 4, 4 + (int)length));
            BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(at + 8 + (int)length), crc);
            at += 12 + (int)length;
        }
    }
}
