using System.Globalization;

namespace Aim.Parity.Ops;

/// <summary>
/// A Python signature, written <c>Tensor input, ints dim=None, *, bool keepdim=False</c>. Types: Tensor, Tensors (list), Operand
/// (tensor or number), Scalar, int, ints (one or a list), list (of ints), sizes (ints with None), float, floats, bool, str,
/// dtype, any; <c>?</c> or a default of None admits None. <c>*ints size</c> takes a list or the rest; <c>a|b</c> gives a
/// parameter two names.
/// </summary>
internal sealed class Signature
{
    private readonly Parameter[] _parameters;
    private readonly Dictionary<string, int> _index = [];
    private readonly string _text;

    public Signature(string text)
    {
        _text = text;
        var keywordOnly = false;
        var parameters = new List<Parameter>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == "*")
            {
                keywordOnly = true;
                continue;
            }

            var (declared, given) = part.IndexOf('=') is var at and >= 0 ? (part[..at], part[(at + 1)..]) : (part, null);
            var words = declared.Split(' ');
            var variadic = words[0].StartsWith('*');
            var optional = words[0].EndsWith('?') || given == "None";
            foreach (var name in words[1].Split('|'))
                _index.Add(name, parameters.Count);
            parameters.Add(new Parameter(words[1].Split('|')[0], words[0].Trim('*', '?'), optional, keywordOnly, variadic,
                given is not null, given is null ? null : Default(given)));
        }

        _parameters = [.. parameters];
    }

    /// <summary>Where a parameter stands; -1 if there is none of that name.</summary>
    public int Find(string name) => _index.TryGetValue(name, out var i) ? i : -1;

    /// <summary>Name of the first parameter that takes a list of tensors; null if there is none.</summary>
    public string? ListParameter => _parameters.FirstOrDefault(p => p.Type == "Tensors")?.Name;

    /// <summary>Binds a call's arguments; what is wrong with them comes back as torch would say it.</summary>
    public Arguments? Bind(string function, IReadOnlyList<object?> positional, IReadOnlyDictionary<string, object?> keywords,
        out string error)
    {
        var values = new object?[_parameters.Length];
        var given = new bool[_parameters.Length];
        error = Place(function, positional, values, given) ?? PlaceKeywords(function, keywords, values, given) ?? "";
        if (error != "")
            return null;
        for (var i = 0; i < _parameters.Length; i++)
        {
            var p = _parameters[i];
            if (!given[i])
            {
                if (!p.HasDefault && !p.Optional)
                {
                    error = $"{function}() missing 1 required positional arguments: \"{p.Name}\"";
                    return null;
                }

                values[i] = p.HasDefault ? p.Default : null;
            }

            if (values[i] is null && p.Optional)
                continue;
            if (!Coercion.Coerce(p.Type, values[i], out var value, out var wanted))
            {
                error = p.Type == "Tensors" && Values.Sequence(values[i]) is { } items
                    ? NoTensor(items, i)
                    : $"{function}(): argument '{p.Name}' (position {i + 1}) must be {wanted}, not {Values.TypeName(values[i])}";
                return null;
            }

            values[i] = value;
        }

        return new Arguments(this, values);
    }

    public override string ToString() => _text;

    private static string NoTensor(IReadOnlyList<object?> items, int position)
    {
        var at = items.TakeWhile(v => v is Tensor).Count();
        return $"expected Tensor as element {at} in argument {position}, but got {Values.TypeName(items[at])}";
    }

    private string? Place(string function, IReadOnlyList<object?> positional, object?[] values, bool[] given)
    {
        var open = _parameters.Count(p => !p.KeywordOnly);
        for (var i = 0; i < positional.Count; i++)
        {
            if (i >= open)
                return $"{function}() takes {open} positional arguments but {positional.Count} were given";
            if (_parameters[i].Variadic && Values.Sequence(positional[i]) is null)
            {
                (values[i], given[i]) = (positional.Skip(i).ToArray(), true);
                return null;
            }

            (values[i], given[i]) = (positional[i], true);
        }

        return null;
    }

    private string? PlaceKeywords(string function, IReadOnlyDictionary<string, object?> keywords, object?[] values, bool[] given)
    {
        foreach (var (name, value) in keywords)
        {
            var i = Find(name);
            if (i < 0 && name == "out")
            {
                if (value is not null)
                    throw new NotExpressibleException($"{function}(out=...)");
                continue;
            }

            if (i < 0)
                return $"{function}() got an unexpected keyword argument '{name}'";
            if (given[i])
                return $"{function}() got multiple values for argument '{name}'";
            (values[i], given[i]) = (value, true);
        }

        return null;
    }

    private static object? Default(string text) => text switch
    {
        "None" => null,
        "True" => true,
        "False" => false,
        "()" => Array.Empty<object?>(),
        ['\'', .. var name, '\''] => name,
        _ when text.AsSpan().ContainsAny('.', 'e') => double.Parse(text, CultureInfo.InvariantCulture),
        _ => long.Parse(text, CultureInfo.InvariantCulture),
    };

    private sealed record Parameter(
        string Name, string Type, bool Optional, bool KeywordOnly, bool Variadic, bool HasDefault, object? Default);
}
