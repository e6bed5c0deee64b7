using System.CommandLine;
using Aim.Experiments.Jupyter;
using Aim.Experiments.Planning;

namespace Aim.Experiments.Cli;

/// <summary><c>aim notebooks</c>: lists the repository's notebooks, executes them, and publishes them as pages.</summary>
internal static class NotebooksCommand
{
    private const string DefaultOutput = "reports/published";

    public static Command Create(TextWriter output, TextWriter error) => new(
        "notebooks", "List, execute or publish the notebooks; 'jupyter notebook' opens them.")
    {
        List(output), Run(output, error), Publish(output, error),
    };

    private static Command List(TextWriter output)
    {
        var command = new Command("list", "The repository's notebooks, their questions, and what can be set in each.");
        command.SetAction(_ =>
        {
            var all = StoredNotebook.All();
            if (all.Count == 0)
                throw new DefinitionException($"{Path.Combine(Places.Root(), StoredNotebook.Folder)}: there are no notebooks");
            foreach (var notebook in all)
            {
                output.WriteLine($"{notebook.Name}: {notebook.Title}");
                if (notebook.ParameterCell is { Length: > 0 } parameters)
                    output.WriteLine($"    {parameters.Trim().ReplaceLineEndings(" ")}");
            }

            return CommandLine.Done;
        });
        return command;
    }

    private static Command Run(TextWriter output, TextWriter error)
    {
        var options = new Options();
        var command = new Command(
            "run", "Execute notebooks from the first cell to the last, and write nothing: do they still run?");
        options.AddTo(command);
        command.SetAction((parsed, cancel) => options.ExecuteAsync(parsed, output, error, _ => null, cancel));
        return command;
    }

    private static Command Publish(TextWriter output, TextWriter error)
    {
        var options = new Options();
        var directory = new Option<string?>("--output")
        {
            Description = $"The folder of the pages; by default {DefaultOutput} in the repository.",
            HelpName = "DIR",
        };
        var command = new Command(
            "publish",
            "Execute notebooks with nbconvert in the installed kernel, and write each as an HTML file that needs nothing else: "
                + "its figures can be hovered and zoomed without a network. A notebook that fails leaves no page.");
        options.AddTo(command);
        command.Add(directory);
        command.SetAction((parsed, cancel) =>
        {
            string folder = parsed.GetValue(directory) ?? Path.Combine(Places.Root(), DefaultOutput);
            return options.ExecuteAsync(parsed, output, error, n => Path.Combine(folder, $"{n.Name}.html"), cancel);
        });
        return command;
    }

    /// <summary>What both verbs take.</summary>
    private sealed class Options
    {
        private const int CellSeconds = 1800;

        private readonly Argument<string[]> _names = new("names")
        {
            Description = "Notebooks: files, names, or what their names begin with ('02'); by default all of the repository.",
            Arity = ArgumentArity.ZeroOrMore,
        };

        private readonly Option<string[]> _set = new("--set")
        {
            Description = "A parameter's value for this time, as --set limit=20, in every notebook that is executed; "
                + "may be repeated.",
            HelpName = "name=value",
            DefaultValueFactory = _ => [],
        };

        private readonly Option<string?> _python = new("--python")
        {
            Description = "The Python whose nbconvert executes; by default the first that imports ipykernel.",
            HelpName = "FILE",
        };

        private readonly Option<int> _timeout = RunOptions.Option("--timeout", "Seconds that a cell may take.", CellSeconds, "N");

        public void AddTo(Command command)
        {
            command.Add(_names);
            command.Add(_set);
            command.Add(_python);
            command.Add(_timeout);
        }

        /// <summary>Executes what was named, one after the other; those behind one that fails are executed too.</summary>
        public async Task<int> ExecuteAsync(
            ParseResult parsed, TextWriter output, TextWriter error, Func<StoredNotebook, string?> page, CancellationToken cancel)
        {
            string[] names = parsed.GetValue(_names) ?? [];
            IReadOnlyList<StoredNotebook> notebooks = names.Length == 0
                ? StoredNotebook.All() : [.. names.Select(StoredNotebook.Find).DistinctBy(n => n.Path)];
            if (notebooks.Count == 0)
                throw new DefinitionException(
                    $"{Path.Combine(Places.Root(), StoredNotebook.Folder)}: there are no notebooks; name files");
            if (parsed.GetValue(_timeout) < 1)
                throw new DefinitionException($"--timeout {parsed.GetValue(_timeout)}: give 1 second or more");
            var values = parsed.GetRequiredValue(_set).Select(Value).ToList();
            var runner = new NotebookRunner(parsed.GetValue(_python), parsed.GetValue(_timeout), output);
            foreach (var notebook in notebooks)
            {
                runner.Check(notebook);
                _ = notebook.With(values);
            }

            string[] published = [.. StoredNotebook.All().Concat(notebooks).Select(n => n.Name).Distinct()];
            int failures = 0;
            foreach (var notebook in notebooks)
            {
                string? file = page(notebook);
                if (await runner.RunAsync(notebook, values, file, published, cancel) is { } failure)
                {
                    failures++;
                    error.WriteLine($"aim: {failure}");
                }
                else
                {
                    output.WriteLine(
                        file is null ? $"{notebook.Name}: every cell ran" : $"{notebook.Name}: {Path.GetFullPath(file)}");
                }
            }

            return failures > 0 ? CommandLine.Fault : CommandLine.Done;
        }

        private static (string Name, string Value) Value(string set)
        {
            int equals = set.IndexOf('=', StringComparison.Ordinal);
            return equals > 0
                ? (set[..equals].Trim(), set[(equals + 1)..].Trim())
                : throw new DefinitionException($"--set {set}: no '='; write name=value, for example --set limit=20");
        }
    }
}
