using System.Runtime.InteropServices;
using System.Text.Json;

namespace Aim.Parity.Ops;

/// <summary>One case of errors.json: its last statement must be rejected with torch's facts, those before it must not.</summary>
internal sealed class ErrorCase(JsonElement json, int index, string path)
    : ParityCase(ErrorsKind.Name, OpsKind.NameOf(json, index), path)
{
    protected override void Compare(Comparison c)
    {
        using var recording = enable_grad();
        var (code, message) = (json.NeedText("code").Trim(), json.NeedText("message"));
        var evaluator = new Evaluator();
        Statement? last = null;
        try
        {
            var statements = Parser.Parse(code);
            last = Evaluator.Last(statements);
            evaluator.Run(statements);
            c.Holds(false, $"not rejected; torch says: {OneLine(message)}");
        }
        catch (NotExpressibleException e)
        {
            TierA.Unsupported(c, e.Operation, e.Message);
        }
        catch (InsufficientExecutionStackException)
        {
            throw new UnsupportedCaseException("code nested too deeply");
        }
        catch (ExternalException e)
        {
            var missing = Facts.Missing(message, e.Message);
            c.Holds(ReferenceEquals(evaluator.Current, last), $"rejected before the last statement: {OneLine(e.Message)}");
            c.Holds(missing.Length == 0,
                $"'{OneLine(e.Message)}' does not name {string.Join(", ", missing)}; torch says: {OneLine(message)}");
        }
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
