using System.Runtime.InteropServices;
using System.Text.Json;

namespace Aim.Parity.Ops;

/// <summary>One case of errors.json: its last statement must be rejected with torch's facts, those before it must not.</summary>
internal sealed class ErrorCase(JsonElement json, int index) : IParityCase
{
    public string Kind => ErrorsKind.Name;

    public string Name { get; } = json.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String
        ? id.GetString()!
        : $"case {index}";

    public CaseResult Run()
    {
        var evaluator = new Evaluator();
        Statement? last = null;
        var message = "";
        try
        {
            using var scope = NewDisposeScope();
            var code = Text("code").Trim();
            message = Text("message");
            var statements = Parser.Parse(code);
            last = Evaluator.Last(statements);
            evaluator.Run(statements);
            return Failed($"not rejected; torch says: {OneLine(message)}");
        }
        catch (NotExpressibleException e)
        {
            return TierA.Unsupported(Kind, Name, e.Operation, e.Message);
        }
        catch (InsufficientExecutionStackException)
        {
            return TierA.Unsupported(Kind, Name, null, "code nested too deeply");
        }
        catch (ExternalException e) when (ReferenceEquals(evaluator.Current, last))
        {
            var missing = Facts.Missing(message, e.Message);
            return missing.Length == 0
                ? new CaseResult(Kind, Name, CaseStatus.Pass, [])
                : Failed($"'{OneLine(e.Message)}' does not name {string.Join(", ", missing)}; torch says: {OneLine(message)}");
        }
        catch (ExternalException e)
        {
            return Failed($"rejected before the last statement: {OneLine(e.Message)}");
        }
        catch (Exception e)
        {
            return Failed($"{e.GetType().Name}: {OneLine(e.Message)}");
        }
        finally
        {
            set_grad_enabled(true);
        }
    }

    private CaseResult Failed(string reason) => new(Kind, Name, CaseStatus.Fail, [], reason);

    private string Text(string field) => json.TryGetProperty(field, out var v) && v.ValueKind == JsonValueKind.String
        ? v.GetString()!
        : throw new FixtureException($"field '{field}' must be a string");

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
