using System.Text;

namespace Aim.Models;

/// <summary>
/// One rendering: the variables that can be seen, the text so far, and a budget. Templates are untrusted, so that all that one
/// can make the renderer do is counted: a step for each part evaluated, more for long strings and lists.
/// </summary>
internal sealed class JinjaRun(IReadOnlyDictionary<string, object?> variables)
{
    /// <summary>The most steps; a prompt of a million characters takes a small part of them.</summary>
    public const long MaxSteps = 16_000_000;

    /// <summary>The most characters of a rendering.</summary>
    public const int MaxOutput = 16 << 20;

    private readonly List<Dictionary<string, object?>> _scopes = [new(variables)];
    private readonly StringBuilder _output = new();
    private long _steps;

    /// <summary>The text so far.</summary>
    public string Output => _output.ToString();

    /// <summary>Counts work.</summary>
    /// <exception cref="JinjaException">The budget is spent.</exception>
    public void Spend(long steps)
    {
        _steps += steps;
        if (_steps > MaxSteps)
            throw new JinjaException($"the template takes more than {MaxSteps} steps");
    }

    /// <summary>Counts a string that an operation is about to make.</summary>
    public void SpendText(long characters) => Spend((characters / 4) + 1);

    public void Write(string text)
    {
        if (text.Length > MaxOutput - _output.Length)
            throw new JinjaException($"the template gives more than {MaxOutput} characters");
        SpendText(text.Length);
        _output.Append(text);
    }

    public object? Lookup(string name)
    {
        for (int i = _scopes.Count - 1; i >= 0; i--)
        {
            if (_scopes[i].TryGetValue(name, out object? value))
                return value;
        }

        return JinjaFunction.Globals.GetValueOrDefault(name) ?? (object)new JinjaUndefined($"'{name}'");
    }

    /// <summary>Sets a variable of the innermost loop body, or of the template.</summary>
    public void Assign(string name, object? value) => _scopes[^1][name] = value;

    public T InScope<T>(Func<T> action)
    {
        _scopes.Add([]);
        try
        {
            return action();
        }
        finally
        {
            _scopes.RemoveAt(_scopes.Count - 1);
        }
    }
}
