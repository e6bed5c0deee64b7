using System.Collections;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Aim.Kernel.Display;

/// <summary>
/// Values as a notebook shows them: what <see cref="IDisplayed"/> or a registered form says; tables for collections, records and
/// other values that have no text of their own; text for the rest, in the invariant culture.
/// </summary>
public static class Formatter
{
    // Of a text within a table's cell, and of one that stands alone.
    private const int CellLength = 120;
    private const int TextLength = 10_000;

    private static readonly ConcurrentDictionary<Type, Func<object, MimeBundle>> Registered = new();

    /// <summary>Says how values of a type, and of those derived from it, are shown.</summary>
    public static void Register<T>(Func<T, MimeBundle> form)
        where T : class => Registered[typeof(T)] = value => form((T)value);

    /// <summary>The forms of a value.</summary>
    public static MimeBundle Format(object? value)
    {
        switch (value)
        {
            case null:
                return MimeBundle.Of(MimeBundle.Plain, "null");
            case MimeBundle bundle:
                return bundle;
            case IDisplayed displayed:
                return displayed.ToMimeBundle();
        }

        for (var type = value.GetType(); type is not null; type = type.BaseType)
        {
            if (Registered.TryGetValue(type, out var form))
                return form(value);
        }

        return ValueTable.Of(value) is { } table
            ? MimeBundle.Of(MimeBundle.Plain, table.ToText()).With(MimeBundle.Html, table.ToHtml())
            : MimeBundle.Of(MimeBundle.Plain, Cut(Text(value), TextLength));
    }

    /// <summary>A value in one line, as within a table: numbers with a point to six digits, texts cut.</summary>
    internal static string InLine(object? value)
    {
        string text = value switch
        {
            null => "",
            string s => s,
            Array { Rank: > 1 } array => $"{TypeName(array.GetType().GetElementType()!)}[{Lengths(array)}]",
            IEnumerable items when !HasText(value.GetType()) => Items(items),
            float or double => ((IFormattable)value).ToString("G6", CultureInfo.InvariantCulture),
            _ => Text(value),
        };
        return Cut(text.ReplaceLineEndings(" "), CellLength);
    }

    /// <summary>
    /// Whether a type says by itself what its values look like: numbers, texts, dates, what overrides ToString.
    /// </summary>
    internal static bool HasText(Type type)
    {
        if (type.IsPrimitive || type.IsEnum || typeof(IFormattable).IsAssignableFrom(type) || type == typeof(string))
            return true;
        if (typeof(ITuple).IsAssignableFrom(type) || IsRecord(type) || IsAnonymous(type) || IsPair(type))
            return false;
        var text = type.GetMethod(nameof(ToString), BindingFlags.Public | BindingFlags.Instance, Type.EmptyTypes)?.DeclaringType;
        return text != typeof(object) && text != typeof(ValueType) && !(text?.IsArray ?? false);
    }

    private static string Text(object value) => value switch
    {
        string text => text,
        bool truth => truth ? "true" : "false",
        float or double => ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture),
        Task task => $"{TypeName(task.GetType())}, {task.Status}: await it for its value",
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private static string Items(IEnumerable items)
    {
        const int Shown = 10;
        var text = new StringBuilder("[");
        int count = 0;
        foreach (object? item in items)
        {
            if (count == Shown || text.Length > CellLength)
            {
                text.Append(", …");
                break;
            }

            text.Append(count++ == 0 ? "" : ", ").Append(InLine(item));
        }

        return text.Append(']').ToString();
    }

    private static string Lengths(Array array) =>
        string.Join(", ", Enumerable.Range(0, array.Rank).Select(array.GetLength));

    internal static string TypeName(Type type)
    {
        if (IsAnonymous(type))
            return "anonymous";
        string name = type.Name.Split('`')[0];
        return type.IsGenericType ? $"{name}<{string.Join(", ", type.GetGenericArguments().Select(TypeName))}>" : name;
    }

    internal static string Escape(string text) => WebUtility.HtmlEncode(text);

    private static bool IsRecord(Type type) =>
        type.GetMethod("PrintMembers", BindingFlags.NonPublic | BindingFlags.Instance, [typeof(StringBuilder)]) is not null
        && type.GetMethod(nameof(ToString), Type.EmptyTypes)!.IsDefined(typeof(CompilerGeneratedAttribute));

    private static bool IsPair(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>);

    private static bool IsAnonymous(Type type) =>
        type.IsDefined(typeof(CompilerGeneratedAttribute)) && type.Name.Contains("AnonymousType", StringComparison.Ordinal);

    private static string Cut(string text, int length) => text.Length <= length
        ? text
        : $"{text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)]}… ({text.Length:#,0} characters)";
}
