using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Aim.Kernel.Display;

/// <summary>
/// A collection, a record or an object as a table, cut to what a notebook can hold, with the count of what there is.
/// </summary>
/// <param name="Columns">Their names.</param>
/// <param name="Rows">The first rows, a value for each column.</param>
/// <param name="Note">What was cut, or how many rows there are; null: nothing to say.</param>
internal sealed record ValueTable(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<object?>> Rows, string? Note)
{
    /// <summary>Rows that are shown.</summary>
    public const int MaxRows = 50;

    /// <summary>Columns that are shown.</summary>
    public const int MaxColumns = 30;

    private const string Style = "border-collapse:collapse;font-variant-numeric:tabular-nums";

    /// <summary>The table of a value; null where its text says it better.</summary>
    public static ValueTable? Of(object value) => value switch
    {
        string => null,
        Array { Rank: 2 } matrix => Matrix(matrix),
        Array { Rank: > 2 } => null,
        IDictionary dictionary => Collection(Entries(dictionary), "key", "value"),
        IEnumerable items when !Formatter.HasText(value.GetType()) => Collection(items, "value"),
        _ when Formatter.HasText(value.GetType()) => null,
        _ => Single(value),
    };

    /// <summary>The table in HTML.</summary>
    public string ToHtml()
    {
        var html = new StringBuilder($"<table style=\"{Style}\"><thead><tr>");
        foreach (string column in Columns)
            html.Append("<th>").Append(Formatter.Escape(column)).Append("</th>");
        html.Append("</tr></thead><tbody>");
        foreach (var row in Rows)
        {
            html.Append("<tr>");
            foreach (object? cell in row)
            {
                html.Append(IsNumber(cell) ? "<td style=\"text-align:right\">" : "<td style=\"text-align:left\">")
                    .Append(Formatter.Escape(Formatter.InLine(cell))).Append("</td>");
            }

            html.Append("</tr>");
        }

        html.Append("</tbody></table>");
        if (Note is not null)
            html.Append("<p><small>").Append(Formatter.Escape(Note)).Append("</small></p>");
        return html.ToString();
    }

    /// <summary>The table in columns of text.</summary>
    public string ToText()
    {
        string[][] lines = [[.. Columns], .. Rows.Select(r => r.Select(Formatter.InLine).ToArray())];
        int[] widths = [.. Columns.Select((_, c) => lines.Max(l => l[c].Length))];
        var text = new StringBuilder();
        for (int r = 0; r < lines.Length; r++)
        {
            var cells = lines[r].Select((cell, c) =>
                r > 0 && IsNumber(Rows[r - 1][c]) ? cell.PadLeft(widths[c]) : cell.PadRight(widths[c]));
            text.Append(string.Join("  ", cells).TrimEnd()).Append('\n');
        }

        return text.Append(Note).ToString().TrimEnd('\n');
    }

    private static ValueTable Collection(IEnumerable items, params string[] alone)
    {
        var rows = new List<object?>();
        bool more = false;
        foreach (object? item in items)
        {
            // Sequences may be endless: no item behind the next one is asked for.
            if (more = rows.Count == MaxRows)
                break;
            rows.Add(item);
        }

        string? note = Count(items) is { } count
            ? $"{count.ToString("#,0", CultureInfo.InvariantCulture)} {(count == 1 ? "item" : "items")}"
                + (count > rows.Count ? $", the first {rows.Count} shown" : "")
            : more ? $"the first {rows.Count} items; there are more" : rows.Count == 1 ? "1 item" : $"{rows.Count} items";
        if (alone is [var key, var value])
            return new([key, value], [.. rows.Cast<DictionaryEntry>().Select(e => new[] { e.Key, e.Value })], note);

        var members = Members(rows);
        return members.Count == 0
            ? new(alone, [.. rows.Select(r => new[] { r })], note)
            : new([.. members.Select(m => m.Name)], [.. rows.Select(r => members.Select(m => Read(m, r)).ToArray())], note);
    }

    private static ValueTable? Single(object value)
    {
        var members = Members([value]);
        return members.Count == 0
            ? null
            : new(["", Formatter.TypeName(value.GetType())], [.. members.Select(m => new[] { m.Name, Read(m, value) })], null);
    }

    private static ValueTable Matrix(Array matrix)
    {
        var (rows, columns) = (matrix.GetLength(0), matrix.GetLength(1));
        var (shownRows, shownColumns) = (Math.Min(rows, MaxRows), Math.Min(columns, MaxColumns));
        return new(
            [.. Enumerable.Range(0, shownColumns).Select(c => $"{c}")],
            [.. Enumerable.Range(0, shownRows).Select(r =>
                Enumerable.Range(0, shownColumns).Select(c => matrix.GetValue(r, c)).ToArray())],
            $"{rows} x {columns}"
                + (rows > shownRows || columns > shownColumns ? $", the first {shownRows} x {shownColumns} shown" : ""));
    }

    private static IEnumerable<DictionaryEntry> Entries(IDictionary dictionary)
    {
        foreach (DictionaryEntry entry in dictionary)
            yield return entry;
    }

    private static int? Count(IEnumerable items) => items switch
    {
        ICollection collection => collection.Count,
        _ => items.GetType().GetInterfaces().FirstOrDefault(i =>
                i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IReadOnlyCollection<>))
            ?.GetProperty("Count")!.GetValue(items) as int?,
    };

    // The columns: what the rows' common type has, where that type says nothing by itself.
    private static IReadOnlyList<MemberInfo> Members(IReadOnlyList<object?> rows)
    {
        var types = rows.Where(r => r is not null).Select(r => r!.GetType()).Distinct().ToList();
        if (types.Count != 1 || Formatter.HasText(types[0]) || typeof(IEnumerable).IsAssignableFrom(types[0])
            || typeof(IDisplayed).IsAssignableFrom(types[0]))
            return [];
        const BindingFlags Public = BindingFlags.Public | BindingFlags.Instance;
        IEnumerable<MemberInfo> properties = types[0].GetProperties(Public)
            .Where(p => p.CanRead && p.GetIndexParameters().Length == 0 && !p.PropertyType.IsByRefLike);
        return [.. properties.Concat(types[0].GetFields(Public)).OrderBy(m => m.MetadataToken).Take(MaxColumns)];
    }

    private static object? Read(MemberInfo member, object? row)
    {
        try
        {
            return row is null ? null
                : member is PropertyInfo property ? property.GetValue(row) : ((FieldInfo)member).GetValue(row);
        }
        catch (TargetInvocationException error)
        {
            return $"{error.InnerException!.GetType().Name}: {error.InnerException.Message}";
        }
    }

    private static bool IsNumber(object? value) => value is byte or sbyte or short or ushort or int or uint or long or ulong
        or Half or float or double or decimal or System.Numerics.BigInteger or Int128 or UInt128;
}
