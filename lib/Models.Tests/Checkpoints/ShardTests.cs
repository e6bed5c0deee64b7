using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Aim.Models.Tests.Checkpoints;

/// <summary>Sharded checkpoints: what loads, what does not fit, and indices made to lead a reader astray.</summary>
public sealed class ShardTests
{
    private const string First = "model-00001-of-00002.safetensors", Second = "model-00002-of-00002.safetensors";
    private static readonly string s_source = Fixture.PathOf("models", "tiny-llava-next-vicuna");
    private string _root = "", _directory = "";

    [SetUp]
    public void Copy()
    {
        _root = Fixture.NewDirectory();
        _directory = Path.Combine(_root, "snapshots", "abc");
        Directory.CreateDirectory(_directory);
        foreach (string file in Directory.GetFiles(s_source))
            File.Copy(file, In(Path.GetFileName(file)));
    }

    [TearDown]
    public void Remove() => Directory.Delete(_root, recursive: true);

    private string In(string name) => Path.Combine(_directory, name);

    private string Index => In("model.safetensors.index.json");

    private void ChangeIndex(Action<JsonObject> change)
    {
        var json = JsonNode.Parse(File.ReadAllText(Index))!.AsObject();
        change(json["weight_map"]!.AsObject());
        File.WriteAllText(Index, json.ToJsonString());
    }

    private void Refused(string expected)
    {
        var e = Assert.Throws<CheckpointException>(() => MultimodalModel.Load(_directory).Dispose())!;
        Assert.That(e.Message, Does.Contain(expected).And.StartWith(_directory).And.Not.Contain("\n"));
    }

    [Test]
    public void Shards_give_the_same_model_as_one_file_and_stay_mapped()
    {
        using var scope = NewDisposeScope();
        using var sharded = MultimodalModel.Load(_directory, products: WeightResidency.Mapped);
        string one = Path.Combine(_root, "one");
        sharded.Save(one, ScalarType.Float32);
        using var single = MultimodalModel.Load(one);
        foreach (string name in sharded.Weights.Names)
        {
            float[] values = sharded.Weights[name].Widen().data<float>().ToArray();
            Assert.That(single.Weights[name].Widen().data<float>().ToArray(), Is.EqualTo(values), name);
        }

        // All but norms, biases and positions lie in the files' own pages.
        var matrices = sharded.Weights.Names.Select(n => sharded.Weights[n])
            .Where(w => w.Shape.Length > 1 && !w.Name.Contains("position_embedding"));
        Assert.That(matrices.Select(w => w.Residency), Is.All.EqualTo(WeightResidency.Mapped));
    }

    [Test]
    public void The_hash_covers_every_shard()
    {
        static string Sha(string path) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
        string lines = $"{Sha(In(First))}  {First}\n{Sha(In(Second))}  {Second}\n";
        string hash = MultimodalModel.HashOf(_directory);
        Assert.That(hash, Is.EqualTo(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lines)))));
        using (var model = MultimodalModel.Load(_directory))
            Assert.That(model.Hash, Is.EqualTo(hash));
        foreach (string shard in (string[])[First, Second])
        {
            byte[] bytes = File.ReadAllBytes(In(shard));
            bytes[^1] ^= 1;
            File.WriteAllBytes(In(shard), bytes);
            string changed = MultimodalModel.HashOf(_directory);
            Assert.That(changed, Is.Not.EqualTo(hash));
            hash = changed;
        }
    }

    [Test]
    public void All_tensors_that_do_not_fit_are_listed()
    {
        using var file = SafetensorsFile.Open(In(Second));
        string kept = file.Names[0], moved = file.Names[1], gone = file.Names[2];
        ChangeIndex(map =>
        {
            map[moved] = First;
            map.Remove(gone);
            map["no.such.tensor"] = Second;
        });
        var e = Assert.Throws<CheckpointException>(() => MultimodalModel.Load(_directory).Dispose())!;
        Assert.That(e.Message, Does.StartWith(Index).And.Not.Contain(kept));
        Assert.That(
            e.Message,
            Does.Contain("2 not in the shard that the index says: ").And.Contain($"{moved} ({First})")
                .And.Contain($"no.such.tensor ({Second})"));
        Assert.That(
            e.Message, Does.Contain("2 in a shard where the index does not have them: ").And.Contain($"{gone} ({Second})"));
    }

    [Test]
    public void A_tensor_in_two_shards_is_named()
    {
        using (var file = SafetensorsFile.Open(In(First)))
        {
            string name = file.Names[0];
            using var second = SafetensorsFile.Open(In(Second));
            var entries = second.Names.Select(n => (Name: n, File: second)).Append((Name: name, File: file))
                .Select(t => SafetensorsEntry.Float(
                    t.Name, SafetensorsType.F32, t.File.Info(t.Name).Shape, t.File.ReadFloat32(t.Name))).ToList();
            SafetensorsWriter.Write(In(Second), entries);
        }

        Refused("1 in two shards: ");
    }

    [Test]
    public void Missing_tensors_of_a_sharded_model_are_listed_before_anything_is_read()
    {
        string[] dropped = ["image_newline", "language_model.model.norm.weight"];
        foreach (string shard in (string[])[First, Second])
        {
            List<SafetensorsEntry> entries;
            using (var file = SafetensorsFile.Open(In(shard)))
            {
                entries = [.. file.Names.Except(dropped).Select(
                    n => SafetensorsEntry.Float(n, SafetensorsType.F32, file.Info(n).Shape, file.ReadFloat32(n)))];
            }

            SafetensorsWriter.Write(In(shard), entries);
        }

        ChangeIndex(map => dropped.ToList().ForEach(d => map.Remove(d)));
        Refused("2 missing: image_newline, language_model.model.norm.weight");
    }

    [TestCase("../outside.safetensors")]
    [TestCase("..\\\\outside.safetensors")]
    [TestCase("/etc/outside.safetensors")]
    [TestCase("sub/model.safetensors")]
    [TestCase("C:model.safetensors")]
    [TestCase("..")]
    [TestCase(".")]
    [TestCase("")]
    [TestCase("a\\u0000.safetensors")]
    [TestCase("a\\u001b[31m.safetensors")]
    public void Shard_names_that_are_no_file_names_are_refused(string shard)
    {
        string outside = Path.Combine(_root, "snapshots", "outside.safetensors");
        File.Copy(In(Second), outside);
        string text = File.ReadAllText(Index);
        File.WriteAllText(Index, text.Replace(Second, shard));
        Refused("is no plain file name");
    }

    [Test]
    public void A_pickled_shard_is_refused_with_the_cure()
    {
        File.WriteAllText(Index, File.ReadAllText(Index).Replace(Second, "pytorch_model-00002-of-00002.bin"));
        Refused("save_pretrained(..., safe_serialization=True)");
    }

    [Test]
    public void Absent_shards_are_named()
    {
        File.Delete(In(First));
        File.Delete(In(Second));
        Refused($"2 of 2 shards are absent: {First}, {Second}");
    }

    [Test]
    public void Links_may_not_leave_the_directory_but_for_the_hubs_cache()
    {
        string outside = Path.Combine(_root, "outside"), blobs = Path.Combine(_root, "blobs");
        Directory.CreateDirectory(outside);
        Directory.CreateDirectory(blobs);
        File.Copy(In(Second), Path.Combine(outside, "shard"));
        File.Move(In(Second), Path.Combine(blobs, "0123"));

        // The hub's cache: snapshots/<revision>/<file> -> ../../blobs/<hash>.
        File.CreateSymbolicLink(In(Second), Path.Combine("..", "..", "blobs", "0123"));
        MultimodalModel.Load(_directory).Dispose();

        File.Delete(In(Second));
        File.CreateSymbolicLink(In(Second), Path.Combine("..", "..", "outside", "shard"));
        Refused("a link that leaves the checkpoint's directory");

        // By way of a directory that is itself a link.
        File.Delete(In(Second));
        Directory.CreateSymbolicLink(In("inside"), outside);
        File.CreateSymbolicLink(In(Second), Path.Combine("inside", "shard"));
        Refused("a link that leaves the checkpoint's directory");

        // In a circle.
        File.Delete(In(Second));
        File.CreateSymbolicLink(In(Second), Second);
        Refused("more than 40 links");

        // Within the directory, and through a link to the directory itself.
        File.Delete(In(Second));
        File.Copy(Path.Combine(outside, "shard"), In("other"));
        File.CreateSymbolicLink(In(Second), "other");
        string link = Path.Combine(_root, "link");
        Directory.CreateSymbolicLink(link, _directory);
        MultimodalModel.Load(link).Dispose();
    }

    [TestCase("{}", "weight_map: is missing")]
    [TestCase("""{"weight_map":{}}""", "weight_map: is empty")]
    [TestCase("""{"weight_map":[]}""", "weight_map is [], but must be an object")]
    [TestCase("""{"weight_map":{"a":1}}""", "weight_map.a: must be the file name of a shard")]
    [TestCase("""{"weight_map":{"a":"x.safetensors","a":"y.safetensors"}}""", "a name occurs twice")]
    [TestCase("""{"weight_map":{"a\ud800":"x.safetensors"}}""", "half a character")]
    [TestCase("""{"weight_map":{"a":"\udc00.safetensors"}}""", "half a character")]
    [TestCase("[]", "a JSON object is expected")]
    [TestCase("{", "not valid JSON")]
    public void Broken_indices_are_named(string json, string expected)
    {
        File.WriteAllText(Index, json);
        Refused(expected);
    }

    [Test]
    public void An_index_nested_without_end_is_refused()
    {
        File.WriteAllText(Index, string.Concat(Enumerable.Repeat("{\"a\":", 100_000)) + "1" + new string('}', 100_000));
        Refused("not valid JSON");
    }

    [Test]
    public void Pickles_are_refused_with_reason_and_cure()
    {
        foreach (string file in (string[])[First, Second, "model.safetensors.index.json"])
            File.Delete(In(file));
        Refused("model.safetensors: no such file, nor model.safetensors.index.json");
        foreach (string pickle in (string[])["pytorch_model.bin.index.json", "pytorch_model.bin"])
        {
            File.WriteAllText(In(pickle), "");
            Refused($"{pickle}: the only weights here; pickles are refused, since reading one can run any program; convert it");
        }
    }

    [Test]
    public void What_is_no_plain_file_is_not_opened()
    {
        File.Delete(In(First));
        using (var pipe = System.Diagnostics.Process.Start("mkfifo", In(First)))
            pipe.WaitForExit();
        Refused($"{First}: empty, or no plain file");
    }
}
