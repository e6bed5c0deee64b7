using Aim.Models;

namespace Aim.Experiments.Planning;

/// <summary>What is known of a checkpoint, of any family, before its weights are read.</summary>
/// <param name="Directory">Full path.</param>
/// <param name="Config">Its configuration.</param>
/// <param name="Sha256"><see cref="MultimodalModel.HashOf"/> it.</param>
/// <param name="Tokenizer">Its tokenizer.</param>
/// <param name="Template">How it spells a conversation.</param>
/// <param name="Sizes">What pictures and videos become.</param>
internal sealed record PlannedModel(
    string Directory, MultimodalConfig Config, string Sha256, BpeTokenizer Tokenizer, ChatTemplate Template, VisualSizes Sizes)
{
    /// <exception cref="DefinitionException">There is no such directory.</exception>
    /// <exception cref="CheckpointException">A file is missing or wrong.</exception>
    public static PlannedModel Open(string model, string? definitionFile)
    {
        string directory = Places.Model(model, definitionFile);
        string weights = Path.Combine(directory, "model.safetensors");
        if (!File.Exists(weights) && !File.Exists(weights + ".index.json"))
            throw new CheckpointException(
                $"{weights}: missing; name a checkpoint directory with model.safetensors, or train the lab model with "
                    + "'aim lab train'");
        var config = MultimodalConfig.Load(directory);
        // Hashing checks the headers against the files' lengths: a truncated download is named before anything runs.
        return new PlannedModel(
            directory, config, MultimodalModel.HashOf(directory), BpeTokenizer.Load(Path.Combine(directory, "tokenizer.json")),
            ChatTemplate.Load(directory), VisualSizes.Of(config));
    }

    /// <summary>The name that reports call it by.</summary>
    public string Name => Path.GetFileName(Directory);

    /// <summary>The ids of a sample's prompt, with one placeholder for its picture or video.</summary>
    /// <exception cref="DefinitionException">The sample cannot be asked of this model.</exception>
    public int[] Prompt(TestSample sample, TestSetName set)
    {
        int[] ids = sample.Spelled is { } whole
            ? Tokenizer.Encode(whole)
            : Tokenizer.Encode(
                Template.Render(
                    [new ChatMessage("user", sample.Question, Videos: set.IsPicture ? 0 : 1, Images: set.IsPicture ? 1 : 0)],
                    addGenerationPrompt: true),
                addSpecialTokens: true);
        int placeholder = Config.PlaceholderIds[set.IsPicture ? 0 : 1], count = ids.Count(Config.PlaceholderIds.Contains);
        if (count == 1 && ids.Contains(placeholder))
            return ids;
        throw new DefinitionException(sample.Spelled is null
            ? $"{Directory}: the prompt of sample '{sample.Id}' has {count} places for a picture or video where one is expected; "
                + "its question, or the checkpoint's chat template, spells placeholders"
            : $"{Directory}: sample '{sample.Id}' of kind '{sample.Kind}' tells a text before what is shown, which only models "
                + "that read the lab's own prompts can be asked; leave that kind out ('kinds: [...]')");
    }

    /// <summary>The lengths of a sample's prompt.</summary>
    /// <exception cref="DefinitionException">The model's context is too short for it, or it cannot be shown.</exception>
    public SampleShape ShapeOf(TestSample sample, TestSetName set, int[] ids)
    {
        var shape = new SampleShape(sample.Shape(Sizes, set), ids.Length - 1);
        int most = Config.Text.MaxPositionEmbeddings;
        return shape.Tokens < most ? shape : throw new DefinitionException(
            $"{Directory}: the prompt of sample '{sample.Id}' has {shape.Tokens} tokens, but the model's context is {most} "
                + "(max_position_embeddings in config.json); take fewer frames or smaller pictures");
    }
}
