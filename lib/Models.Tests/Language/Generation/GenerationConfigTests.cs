namespace Aim.Models.Tests;

public class GenerationConfigTests
{
    private static GenerationConfig Read(string json)
        => GenerationConfig.Read(ConfigSection.Parse(json, "generation_config.json"));

    [Test]
    public void EndIdsAreANumberOrAList()
    {
        Assert.That(Read("""{"eos_token_id":2,"pad_token_id":0}""").EndIds, Is.EqualTo(new[] { 2 }));
        Assert.That(Read("""{"eos_token_id":[151645,151643,151645]}""").EndIds, Is.EqualTo(new[] { 151645, 151643 }));
        Assert.That(Read("""{"eos_token_id":null,"pad_token_id":-1}""").EndIds, Is.Empty);
        Assert.That(Read("""{"eos_token_id":2,"pad_token_id":0}""").PadId, Is.Zero);
        Assert.That(Read("{}").PadId, Is.Null);
    }

    [Test]
    public void SuggestionsAreReadWithUpstreamsDefaults()
    {
        var hub = Read("""{"do_sample":true,"temperature":0.7,"top_k":20,"top_p":0.8,"repetition_penalty":1.1}""");
        Assert.That((hub.DoSample, hub.RepetitionPenalty), Is.EqualTo((true, 1.1)));
        Assert.That(hub.Sampling, Is.EqualTo(new Sampling { Temperature = 0.7, TopK = 20, TopP = 0.8 }));
        Assert.That(Read("{}").Sampling, Is.EqualTo(new Sampling { TopK = 50 }));
        Assert.That(Read("""{"temperature":0.0}""").Sampling.Temperature, Is.EqualTo(1));
    }

    [TestCase("""{"eos_token_id":"2"}""", "eos_token_id is \"2\"")]
    [TestCase("""{"eos_token_id":[2,-1]}""", "eos_token_id is [2,-1]")]
    [TestCase("""{"temperature":-1}""", "temperature is -1")]
    [TestCase("""{"top_k":-1}""", "top_k is -1")]
    [TestCase("""{"top_p":1.5}""", "top_p: 1.5 is more than 1")]
    [TestCase("""{"repetition_penalty":0}""", "repetition_penalty is 0")]
    [TestCase("""{"do_sample":1}""", "do_sample is 1")]
    public void WrongFieldsAreNamed(string json, string expected)
        => Assert.That(
            () => Read(json),
            Throws.TypeOf<CheckpointException>().With.Message.StartsWith("generation_config.json: " + expected));

    [Test]
    public void WithoutAFileConfigJsonCounts()
    {
        string directory = Fixture.NewDirectory();
        try
        {
            string config = Path.Combine(directory, "config.json");
            File.WriteAllText(config, """{"eos_token_id":7,"pad_token_id":8,"text_config":{"eos_token_id":[5,6]}}""");
            Assert.That(
                (GenerationConfig.Load(directory).EndIds, GenerationConfig.Load(directory).PadId),
                Is.EqualTo((new[] { 5, 6 }, (int?)8)));
            File.WriteAllText(config, """{"eos_token_id":7}""");
            Assert.That(GenerationConfig.Load(directory).EndIds, Is.EqualTo(new[] { 7 }));
            File.WriteAllText(Path.Combine(directory, "generation_config.json"), """{"eos_token_id":9}""");
            Assert.That(GenerationConfig.Load(directory).EndIds, Is.EqualTo(new[] { 9 }));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Test]
    public void TheFixturesCheckpointsNameTheirEnds()
    {
        var mistral = GenerationConfig.Load(Fixture.PathOf("models", "tiny-llava-next-mistral"));
        Assert.That((mistral.EndIds.Single(), mistral.PadId, mistral.DoSample), Is.EqualTo((2, (int?)810, false)));
        Assert.That(GenerationConfig.Load(Fixture.PathOf("models", "tiny-llava-onevision")).EndIds, Has.Count.GreaterThan(1));
    }
}
