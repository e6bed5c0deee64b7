using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Aim.Experiments.Running;

/// <summary>What one cell answered to one sample: a line of the journal.</summary>
/// <param name="Key">Content key: what was computed and by what (<see cref="RunKeys.Answer"/>).</param>
/// <param name="Cell">The cell's id, for readers; the key decides.</param>
/// <param name="Sample">The sample's id.</param>
/// <param name="Answer">The decoded answer, without special tokens.</param>
/// <param name="Tokens">Tokens that each decoder layer processed in the prefill, <c>[layers]</c>.</param>
/// <param name="Flops">FLOPs counted in the matrix-multiply and attention kernels during the prefill.</param>
/// <param name="Overhead">FLOPs counted while it was decided what to merge and to prune.</param>
internal sealed record SampleResult(
    string Key, string Cell, string Sample, string Answer, IReadOnlyList<int> Tokens, long Flops,
        long Overhead = 0) : IJournalLine<SampleResult>
{
    public static JsonTypeInfo<SampleResult> Form => JournalJson.Default.SampleResult;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(SampleResult))]
[JsonSerializable(typeof(SampleRecording))]
internal sealed partial class JournalJson : JsonSerializerContext;
