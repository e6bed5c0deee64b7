using System.CommandLine;
using System.Globalization;
using Aim.Experiments.InContext;
using Aim.Experiments.InContext.ByHand;
using Aim.Experiments.Planning;
using Aim.Fusion;

namespace Aim.Experiments.Cli;

/// <summary><c>aim icl</c>: a query behind demonstrations, fused or not, by hand.</summary>
internal static class IclCommand
{
    private const string Help =
        "Ask a checkpoint directory about a picture behind demonstrations, each of which is a line of a JSONL file: {\"image\": "
        + "\"a.png\", \"instruction\": \" which answer?\", \"reference\": \" yes.\\n\"}, image relative to the file; a line may "
        + "name the "
        + "model that it was written for, \"backbone\": sha256. Texts are taken as they are, so the question should be worded "
        + "as the "
        + "instructions are. Demonstrations stand in the prompt as fused virtual tokens, or as they are (--form raw), or without "
        + "their pictures (--form text). The answer comes on the standard output, what it took on the standard error.";

    public static Command Create(TextWriter output, TextWriter error)
    {
        var query = new Argument<string>("question") { Description = "What follows the picture, with the space before it." };
        var model = RunOptions.Option("--model", "A Hugging Face checkpoint directory.", "datasets/lab/models/lab-single", "DIR");
        var projection = new Option<string?>("--projection")
        {
            Description = "W_p of this model, a file that 'aim reproduce --icl' has trained; another model's is refused.",
            HelpName = "FILE",
        };
        var layer = new Option<int?>("--layer")
        {
            Description = "Without --projection: put the states of this layer into the prompt as they are; 0 is the decoder's "
                + "input.",
            HelpName = "N",
        };
        var demos = new Option<string>("--demos")
        {
            Description = "The demonstrations.",
            HelpName = "FILE.jsonl",
            Required = true
        };
        var image = new Option<string>("--image") { Description = "The query's picture.", HelpName = "FILE", Required = true };
        var form = RunOptions.Option("--form", "How demonstrations stand in the prompt: fused, raw or text.", "fused");
        var bank = new Option<string?>("--bank")
        {
            Description = "A demonstration bank: what the model has read once is found there again.",
            HelpName = "DIR",
        };
        var shots = new Option<int?>("--shots")
        {
            Description = "How many demonstrations; by default all of the file.",
            HelpName = "N"
        };
        var select = RunOptions.Option(
            "--select", "Which: the first, random, similar (to the query's picture, most similar last) or balanced (by "
                + "reference).", "first");
        var seed = RunOptions.Option("--seed", "Same seed, same random demonstrations.", 1UL);
        var option = new Option<string[]>("--option")
        {
            Description = "An answer to choose among by log-probability, with the space before it; may be repeated.",
            HelpName = "TEXT",
            DefaultValueFactory = _ => [],
        };
        var stop = new Option<string[]>("--stop")
        {
            Description = "A text that ends a generated answer; may be repeated.",
            HelpName = "TEXT",
            DefaultValueFactory = _ => [],
        };
        var longest = RunOptions.Option("--max-new-tokens", "Most tokens of the answer.", 16, "N");
        var json = new Option<bool>("--json") { Description = "Print one JSON object on the standard output, and nothing else." };
        var threads = RunOptions.ThreadsOption();
        var command = new Command("icl", Help)
        {
            query, model, projection, layer, demos, image, form, bank, shots, select, seed, option, stop, longest, json, threads,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            torch.set_num_threads(RunOptions.Threads(parsed, threads));
            string name = parsed.GetRequiredValue(form);
            var (file, at) = (parsed.GetValue(projection), parsed.GetValue(layer));
            var request = new HandRequest
            {
                Model = parsed.GetRequiredValue(model),
                Demonstrations = parsed.GetRequiredValue(demos),
                Image = parsed.GetRequiredValue(image),
                Query = parsed.GetRequiredValue(query),
                Form = name switch
                {
                    "fused" => Form.Fused,
                    "raw" => Form.Raw,
                    "text" => Form.Text,
                    _ => throw new DefinitionException($"--form {name}: give fused, raw or text"),
                },
                Projection = file,
                States = at is null ? new AggregationOptions() : new AggregationOptions(at, Norm: false),
                Bank = parsed.GetValue(bank),
                Shots = parsed.GetValue(shots) is { } n ? Within(n, "--shots", 0, 1 << 16) : null,
                Selection = Enum.TryParse(parsed.GetRequiredValue(select), ignoreCase: true, out Selection which)
                    && Enum.IsDefined(which)
                    ? which
                    : throw new DefinitionException($"--select {parsed.GetRequiredValue(select)}: give first, random, similar "
                        + $"or balanced"),
                Seed = parsed.GetValue(seed),
                Options = parsed.GetRequiredValue(option),
                Stops = parsed.GetRequiredValue(stop),
                MaxNewTokens = Within(parsed.GetValue(longest), "--max-new-tokens", 1, 1 << 20),
            };
            if (name == "fused" && file is null == at is null)
            {
                throw new DefinitionException(file is null
                    ? "--projection: which W_p? Give its file, or --layer N to use a layer's states as they are"
                    : "--layer: the projection's file says which layer's states it maps; give one of the two");
            }

            bool asJson = parsed.GetValue(json);
            var result = await Task.Run(() => new HandPrompt(request).Run(error.WriteLine, cancel),
                CancellationToken.None).WaitAsync(cancel);
            if (asJson)
            {
                output.WriteLine(CostJson.Serialize(result));
                return CommandLine.Done;
            }

            output.WriteLine(result.Answer.Trim());
            Write(error, result, name);
            return CommandLine.Done;
        });
        return command;
    }

    private static void Write(TextWriter to, HandResult result, string form)
    {
        var (tokens, seconds) = (result.Tokens, result.Seconds);
        to.WriteLine($"prompt    {result.Shots} demonstrations, {form}{(result.States is { } states ? $": {states}" : "")}");
        to.WriteLine($"tokens    {tokens.Total}: {tokens.Demonstrations} of demonstrations, {tokens.Visual} visual; "
            + $"with all pictures {tokens.AsPictures}");
        if (result.Bank is { } bank)
            to.WriteLine($"bank      {bank.Hits} found, {bank.Misses} read");
        foreach (var (text, score) in result.Options.OrderByDescending(o => o.LogProbability))
            to.WriteLine(string.Create(CultureInfo.InvariantCulture, $"option    {score,9:0.000} {text.Trim()}"));
        to.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"seconds   load {seconds.Load:0.000}, demonstrations {seconds.Demonstrations:0.000}, prefill "
                + $"{seconds.Prefill:0.000}, answer {seconds.Answer:0.000}"));
    }

    private static int Within(int value, string option, int least, int most) => value >= least && value <= most
        ? value
        : throw new DefinitionException($"{option} {value}: give a number from {least} to {most}");
}
