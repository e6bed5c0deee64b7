using Aim.Models;

namespace Aim.Experiments.Asking;

/// <summary>A question about pictures or a video, as <c>aim ask</c> gives it.</summary>
/// <param name="Model">The checkpoint directory.</param>
/// <param name="Question">The question.</param>
/// <param name="Images">Picture files, in the order of the prompt.</param>
/// <param name="Video">A video, which stands behind the pictures; null: none.</param>
/// <param name="Frames">Frames to take of it.</param>
/// <param name="Method">A reduction method's name.</param>
/// <param name="MethodSettings">Its settings.</param>
/// <param name="MaxNewTokens">Most tokens of the answer.</param>
/// <param name="Sampling">How tokens are drawn; null: the most probable one is taken.</param>
/// <param name="Weights">How weights are kept; null: packed if they fit into memory, else mapped.</param>
/// <param name="Measures">Whether the machine is measured, so that speeds can be told as shares of its roofline.</param>
/// <param name="Threads">Threads to measure with, those of the engine.</param>
internal sealed record AskRequest(
    string Model, string Question, IReadOnlyList<string> Images, string? Video, int Frames, string Method,
    IReadOnlyDictionary<string, string> MethodSettings, int MaxNewTokens, Sampling? Sampling, WeightResidency? Weights,
    bool Measures, int Threads);
