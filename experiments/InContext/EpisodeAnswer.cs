using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Aim.Experiments.Running;

namespace Aim.Experiments.InContext;

/// <summary>What came out for one episode.</summary>
/// <param name="Key">Content hash of all that it depends on.</param>
/// <param name="Answer">The option with the largest log-probability, or the text that was generated.</param>
/// <param name="Right">Whether it is the episode's.</param>
/// <param name="Margin">Log-probability of the right answer minus that of the best other one; 0 of a generated answer.</param>
/// <param name="Tokens">Tokens of the prompt.</param>
/// <param name="Flops">What the decoder's prefill of this prompt alone multiplies, in FLOPs.</param>
internal sealed record EpisodeAnswer(string Key, string Answer, bool Right, double Margin, int Tokens, long Flops)
    : IJournalLine<EpisodeAnswer>
{
    public static JsonTypeInfo<EpisodeAnswer> Form => EpisodeAnswerJson.Default.EpisodeAnswer;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true)]
[JsonSerializable(typeof(EpisodeAnswer))]
internal sealed partial class EpisodeAnswerJson : JsonSerializerContext;
