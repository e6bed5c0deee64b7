using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Aim.Kernel.Magics;

/// <summary>C# values as constants of a part in JavaScript.</summary>
internal static class SharedValues
{
    private static readonly JsonSerializerOptions Options = new()
    {
        IncludeFields = true,
        MaxDepth = 64,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        ReferenceHandler = ReferenceHandler.IgnoreCycles,
    };

    /// <summary>
    /// A line of JavaScript. JSON is JavaScript, and the encoder leaves nothing that could end a script element.
    /// </summary>
    /// <exception cref="NotSupportedException">The value has no JSON.</exception>
    public static string Constant(string name, object? value) => $"const {name} = {JsonSerializer.Serialize(value, Options)};";

    /// <summary>A part's script with its constants, in a scope of its own: the page can run it again.</summary>
    public static string Script(IReadOnlyList<string> constants, string script)
    {
        if (constants.Count == 0)
            return script;
        var text = new StringBuilder("{\n");
        foreach (string constant in constants)
            text.Append(constant).Append('\n');
        return text.Append(script).Append("\n}").ToString();
    }
}
