using System.Diagnostics;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using Aim.Kernel.Display;

namespace Aim.Kernel.Scripting;

/// <summary>
/// An exception as a cell's author wants to see it: the cells' lines, what they called, and nothing of the host.
/// </summary>
internal static partial class CellTrace
{
    /// <summary>Type, message and frames, those of what caused it last.</summary>
    public static string Of(Exception error)
    {
        var text = new StringBuilder();
        for (Exception? at = Unwrapped(error); at is not null; at = at.InnerException)
        {
            text.Append(text.Length > 0 ? "\ncaused by " : "").Append($"{Formatter.TypeName(at.GetType())}: {at.Message}");
            foreach (string frame in Frames(at))
                text.Append("\n   at ").Append(frame);
        }

        return text.ToString();
    }

    /// <summary>What happened, where a wrapper says only that something did.</summary>
    public static Exception Unwrapped(Exception error) => error switch
    {
        TargetInvocationException { InnerException: { } inner } => Unwrapped(inner),
        AggregateException { InnerExceptions: [var only] } => Unwrapped(only),
        _ => error,
    };

    private static IEnumerable<string> Frames(Exception error)
    {
        var frames = new StackTrace(error, fNeedFileInfo: true).GetFrames()
            .Where(f => f.GetMethod() is { } m && !IsHidden(m)).ToList();

        // Behind the last frame of a cell comes the host.
        int last = frames.FindLastIndex(f => CellOf(f.GetMethod()!) is not null);
        return frames.Take(last + 1).Select(Text);
    }

    private static string Text(StackFrame frame)
    {
        var method = frame.GetMethod()!;
        string name = Name(method);
        if (CellOf(method) is not { } cell)
        {
            string parameters = string.Join(", ", method.GetParameters().Select(p => Formatter.TypeName(p.ParameterType)));
            return $"{Demangled(method.DeclaringType)}.{name}({parameters})" + Place(frame);
        }

        // Of what the runtime itself checks in optimised code, an index above all, it does not always know the line.
        return (name.Length > 0 ? $"{name}, " : "") + (Path.GetFileName(frame.GetFileName()) ?? cell)
            + (frame.GetFileLineNumber() is > 0 and var line ? $", line {line}" : "");
    }

    private static string Place(StackFrame frame) =>
        frame.GetFileName() is { } file ? $" in {Path.GetFileName(file)}, line {frame.GetFileLineNumber()}" : "";

    // Nested in compiler-made types, the user's names are in angle brackets: <Foo>d__3.MoveNext, <Foo>g__Local|0_1, <Foo>b__2.
    private static string Name(MethodBase method)
    {
        if (LocalFunction().Match(method.Name) is { Success: true } local)
            return local.Groups[1].Value;
        string source = method.Name == "MoveNext" && method.DeclaringType is { } machine && machine.Name.StartsWith('<')
            ? machine.Name : method.Name;
        if (LocalFunction().Match(source) is { Success: true } async)
            return async.Groups[1].Value;
        if (Generated().Match(source) is not { Success: true } match)
            return method.IsConstructor ? "constructor" : source;
        string user = match.Groups[1].Value;
        bool lambda = match.Groups[2].Value == "b";
        string outer = user.StartsWith('<') || user.Length == 0 ? "" : user;
        return lambda ? outer.Length > 0 ? $"lambda in {outer}" : "lambda" : outer;
    }

    private static string Demangled(Type? type)
    {
        while (type is { IsNested: true } && type.Name.StartsWith('<'))
            type = type.DeclaringType;
        return type is null ? "" : $"{type.Namespace}.{Formatter.TypeName(type)}".TrimStart('.');
    }

    private static string? CellOf(MethodBase method) =>
        method.DeclaringType is { } type ? SubmissionLoader.CellOf(type.Assembly) : null;

    private static bool IsHidden(MethodBase method) =>
        method.IsDefined(typeof(StackTraceHiddenAttribute), false)
        || (method.DeclaringType?.IsDefined(typeof(StackTraceHiddenAttribute), false) ?? false)
        || method.DeclaringType?.Namespace is "System.Runtime.CompilerServices" or "System.Runtime.ExceptionServices";

    [GeneratedRegex(@"^<<?.*>g__(\w+)\|")]
    private static partial Regex LocalFunction();

    [GeneratedRegex(@"^<(.*)>([a-z])__")]
    private static partial Regex Generated();
}
