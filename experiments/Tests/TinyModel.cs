using System.Text.Json.Nodes;
using Aim.Datasets;
using Aim.Models;

namespace Aim.Experiments.Tests;

/// <summary>A checkpoint directory with the lab's tokenizer and a randomly initialised model small enough for tests.</summary>
internal static class TinyModel
{
    /// <summary>Makes the checkpoint; the same seed gives the same bytes.</summary>
    public static string Create(string directory, ulong seed = 7)
    {
        LabCheckpoint.Write(directory);
        string path = Path.Combine(directory, "config.json");
        var config = JsonNode.Parse(File.ReadAllText(path))!;
        Set(config["text_config"]!, ("hidden_size", 32), ("intermediate_size", 48), ("num_hidden_layers", 4),
            ("num_attention_heads", 2),
            ("num_key_value_heads", 1));
        Set(config["vision_config"]!, ("hidden_size", 32), ("intermediate_size", 48), ("num_hidden_layers", 1),
            ("num_attention_heads", 2));
        File.WriteAllText(path, config.ToJsonString());
        using var model = LlavaOnevision.Create(LlavaOnevisionConfig.Load(directory), seed, trainable: false);
        model.Save(directory, ScalarType.BFloat16);
        return directory;
    }

    /// <summary>A definition on it that touches every method.</summary>
    public static string Definition(string model, int samples = 20) => $$"""
        schema: 2
        name: tiny
        version: 1
        question: Does a tiny model's run leave the records that it should?
        model: "{{model}}"
        data: {set: lab, split: test}
        frames: 8
        samples: {{samples}}
        batch: 4
        margin: 2
        timing: all
        cells:
          - {method: none, headline: true}
          - {method: aim, retention: [1/4], schedule: [none, default], headline: true}
          - {method: aim, retention: [1/16], schedule: {l1: 1, l2: 3} }
          - {method: random, retention: [1/4], schedule: default}
          - {method: aim, retention: 1, schedule: default}
          - {method: downsample, flops: [aim 1 default, aim 1/4 default, aim 1/4 default]}

        """;

    private static void Set(JsonNode node, params (string Name, int Value)[] fields)
    {
        foreach (var (name, value) in fields)
            node[name] = value;
    }
}
