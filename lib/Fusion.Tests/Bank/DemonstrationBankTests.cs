using static Aim.Fusion.Tests.LabHosts;

namespace Aim.Fusion.Tests;

public sealed class DemonstrationBankTests
{
    private static readonly Demonstration[] s_some =
        [Demonstration(1), Demonstration(2, " kiko"), Demonstration(3, " it is: mibo,\n")];

    private string _directory = null!;
    private CountingReader _reader = null!;
    private DisposeScope _scope = null!;

    private string Segments => Path.Combine(_directory, "segments");

    [SetUp]
    public void OpenFolder()
    {
        _directory = NewDirectory();
        _reader = new CountingReader(new Aggregator(Lab, new AggregationOptions(2)));
        _scope = NewDisposeScope();
    }

    [TearDown]
    public void CloseFolder()
    {
        _scope.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Claim R6: bit-identical warm and cold; each demonstration is read once.</summary>
    [Test]
    public void Warm_and_cold_have_the_bits_of_reading()
    {
        var read = _reader.Aggregate(s_some).Select(Values.Bits).ToArray();
        _reader.Read = 0;
        using (var bank = Open())
        {
            Assert.That(bank.Aggregate(s_some).Select(Values.Bits), Is.EqualTo(read), "cold");
            Assert.That(bank.Aggregate([s_some[2], s_some[0], s_some[2]]).Select(Values.Bits),
                Is.EqualTo(new[] { read[2], read[0], read[2] }), "warm");
            Assert.That(bank.Use, Is.EqualTo(new BankUse(3, 3, 0)));
        }

        using var later = Open();
        Assert.That(later.Aggregate(s_some).Select(Values.Bits), Is.EqualTo(read), "opened again");
        Assert.That((_reader.Read, later.Use.HitRate), Is.EqualTo((3, 1.0)));
    }

    [Test]
    public void What_changes_an_aggregate_changes_its_key()
    {
        var keys = new List<BankKey>();
        void Add(IAggregateSource source, string code, Demonstration d) => keys.Add(BankKey.Of(source, code, d));
        var at = Demonstration(1, " gipu", ":");
        Add(_reader, "code", at);
        Add(_reader, "other code", at);
        Add(_reader, "code", Demonstration(2, " gipu", ":"));
        Add(_reader, "code", at.WithoutPicture());
        Add(_reader, "code", Demonstration(1, " kiko", ":"));
        Add(_reader, "code", Demonstration(1, "gipu", ": "));
        Add(new Aggregator(Lab, new AggregationOptions(3)), "code", at);
        Add(new Aggregator(Lab, new AggregationOptions(2, Norm: false)), "code", at);
        Add(new Aggregator(Lab, new AggregationOptions(2, Positions: TextPositions.Reference)), "code", at);
        Add(new Aggregator(Of(Datasets.LabModelKind.SingleB), new AggregationOptions(2)), "code", at);
        Assert.That(keys, Is.Unique);
        Assert.That(BankKey.Of(_reader, "code", Demonstration(1, " gipu", ":")), Is.EqualTo(keys[0]));
    }

    [Test]
    public void An_altered_entry_is_dropped_computed_anew_and_reported()
    {
        int[][] read = Fill();
        Damage(file => file[BankRecord.HeaderBytes + 5] ^= 1);
        var reports = new List<string>();
        using (var bank = Open(report: reports.Add))
        {
            Assert.That(bank.Aggregate(s_some).Select(Values.Bits), Is.EqualTo(read));
            Assert.That(bank.Use, Is.EqualTo(new BankUse(2, 1, 1)));
        }

        Assert.That(reports.Single(), Does.Contain("does not match its hash"));
        Assert.That(BankMaintenance.Verify(_directory), Has.Count.EqualTo(1));
        BankMaintenance.Collect(_directory);
        Assert.That(BankMaintenance.Verify(_directory), Is.Empty);
        using var later = Open();
        Assert.That(later.Aggregate(s_some).Select(Values.Bits), Is.EqualTo(read));
        Assert.That(later.Use.Misses, Is.Zero);
    }

    [Test]
    public void A_bank_cut_at_any_byte_gives_what_is_whole_and_the_rest_anew([Values(0, 1, 50, 500, 700, 1500)] int left)
    {
        int[][] read = Fill();
        File.Delete(Path.Combine(_directory, "index"));
        string segment = Directory.GetFiles(Segments).Single();
        File.WriteAllBytes(segment, File.ReadAllBytes(segment)[..left]);
        using var bank = Open();
        Assert.That(bank.Aggregate(s_some).Select(Values.Bits), Is.EqualTo(read));
        Assert.That(bank.Aggregate(s_some).Select(Values.Bits), Is.EqualTo(read));
    }

    [Test]
    public void A_broken_header_costs_its_entry_alone()
    {
        int[][] read = Fill();
        File.Delete(Path.Combine(_directory, "index"));
        Damage(file => file[4] = 255);
        using var bank = Open();
        Assert.That(bank.Aggregate(s_some).Select(Values.Bits), Is.EqualTo(read));
        Assert.That(bank.Use, Is.EqualTo(new BankUse(2, 1, 0)));
    }

    [Test]
    public void An_index_that_is_lost_broken_or_behind_is_made_good([Values("", "rubbish\n", null)] string? index)
    {
        int[][] read = Fill();
        string path = Path.Combine(_directory, "index");
        if (index is null)
            File.Delete(path);
        else
            File.WriteAllText(path, index);
        using var bank = Open();
        Assert.That(bank.Aggregate(s_some).Select(Values.Bits), Is.EqualTo(read));
        Assert.That(bank.Use.Misses, Is.Zero);
    }

    [Test]
    public void Several_writers_share_what_they_find()
    {
        using var one = Open();
        using var other = Open();
        var read = one.Aggregate(s_some).Select(Values.Bits).ToArray();
        Assert.That(other.Aggregate(s_some).Select(Values.Bits), Is.EqualTo(read), "without a flush between");
        Assert.That(other.Use.Misses, Is.Zero);
        Demonstration[] more = [.. Enumerable.Range(10, 12).Select(i => Demonstration(i))];
        Parallel.ForEach((DemonstrationBank[])[one, other], bank =>
        {
            foreach (var demonstration in more)
            {
                using var scope = NewDisposeScope();
                bank.Aggregate([demonstration]);
                bank.Flush();
            }
        });
        one.Dispose();
        other.Dispose();
        Assert.That(BankMaintenance.Verify(_directory), Is.Empty);
        Assert.That(BankMaintenance.Measure(_directory).Entries, Is.EqualTo(15));
    }

    /// <summary>Threads read at the same time; what two of them read is kept once.</summary>
    [Test]
    public void Threads_of_one_bank_read_side_by_side()
    {
        using var bank = Open();
        Demonstration[] more = [.. Enumerable.Range(10, 6).Select(i => Demonstration(i))];
        int[][][] bits = new int[4][][];
        Parallel.For(0, bits.Length, i =>
        {
            using var scope = NewDisposeScope();
            bits[i] = [.. bank.Aggregate(more).Select(Values.Bits)];
        });
        Assert.That(bits, Is.All.EqualTo(bits[0]));
        Assert.That(bank.Use.Hits + bank.Use.Misses, Is.EqualTo(bits.Length * more.Length));
        bank.Dispose();
        Assert.That(BankMaintenance.Measure(_directory).Entries, Is.EqualTo(more.Length));
        Assert.That(BankMaintenance.Verify(_directory), Is.Empty);
    }

    [Test]
    public void The_least_recently_used_go_first()
    {
        Fill();
        using (var bank = Open())
            bank.Aggregate([s_some[0]]);
        long size = BankMaintenance.Measure(_directory).Bytes;
        var after = BankMaintenance.Collect(_directory, size - 1);
        Assert.That(after.Entries, Is.EqualTo(2));
        using var later = Open();
        later.Aggregate([s_some[0], s_some[2]]);
        Assert.That(later.Use.Misses, Is.Zero);
        later.Aggregate([s_some[1]]);
        Assert.That(later.Use.Misses, Is.EqualTo(1));
    }

    [Test]
    public void A_bank_keeps_its_size_and_what_it_is_asked_for()
    {
        long three;
        Fill();
        three = BankMaintenance.Measure(_directory).Bytes;
        using var bank = Open(mostBytes: three);
        for (int i = 20; i < 32; i++)
        {
            using var scope = NewDisposeScope();
            bank.Aggregate([Demonstration(i)]);
            bank.Aggregate([Demonstration(i)]);
        }

        Assert.That((bank.Use.Misses, bank.Use.Hits), Is.EqualTo((12L, 12L)));
        Assert.That(BankMaintenance.Measure(_directory).Bytes, Is.LessThanOrEqualTo(three + BankRecord.Length(8, Lab.Dim)));
    }

    [Test]
    public void Cleaning_up_leaves_what_a_writer_has_open()
    {
        using var writer = Open();
        var read = writer.Aggregate(s_some).Select(Values.Bits).ToArray();
        BankMaintenance.Collect(_directory, 1);
        Assert.That(writer.Aggregate(s_some).Select(Values.Bits), Is.EqualTo(read));
        Assert.That(writer.Use.Misses, Is.EqualTo(3));
        writer.Dispose();
        Assert.That(BankMaintenance.Collect(_directory, 1).Entries, Is.Zero);
    }

    private DemonstrationBank Open(long mostBytes = long.MaxValue, Action<string>? report = null)
        => new(_directory, _reader, "code", mostBytes) { Report = report };

    private int[][] Fill()
    {
        using var bank = Open();
        return [.. bank.Aggregate(s_some).Select(Values.Bits)];
    }

    private void Damage(Action<byte[]> damage)
    {
        string segment = Directory.GetFiles(Segments).Single();
        byte[] content = File.ReadAllBytes(segment);
        damage(content);
        File.WriteAllBytes(segment, content);
    }

    private sealed class CountingReader(IAggregateSource inner) : IAggregateSource
    {
        public int Read { get; set; }

        public IFusionHost Host => inner.Host;

        public AggregationOptions Options => inner.Options;

        public IReadOnlyList<Tensor> Aggregate(IReadOnlyList<Demonstration> demonstrations)
        {
            Read += demonstrations.Count;
            return inner.Aggregate(demonstrations);
        }
    }
}
