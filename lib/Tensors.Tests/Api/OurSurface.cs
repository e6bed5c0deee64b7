using System.Reflection;
using System.Runtime.CompilerServices;

namespace Aim.Tensors.Tests.Api;

/// <summary>The public methods and properties of the engine, as reflection sees them.</summary>
public static class OurSurface
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(long)] = "long",
        [typeof(int)] = "int",
        [typeof(short)] = "short",
        [typeof(sbyte)] = "sbyte",
        [typeof(byte)] = "byte",
        [typeof(double)] = "double",
        [typeof(float)] = "float",
        [typeof(bool)] = "bool",
        [typeof(string)] = "string",
        [typeof(void)] = "void",
        [typeof(object)] = "object",
    };

    private static readonly Dictionary<string, string> Operators = new()
    {
        ["op_Addition"] = "operator +",
        ["op_Subtraction"] = "operator -",
        ["op_Multiply"] = "operator *",
        ["op_Division"] = "operator /",
        ["op_Modulus"] = "operator %",
        ["op_UnaryNegation"] = "operator -",
        ["op_OnesComplement"] = "operator ~",
        ["op_BitwiseAnd"] = "operator &",
        ["op_BitwiseOr"] = "operator |",
        ["op_ExclusiveOr"] = "operator ^",
        ["op_LessThan"] = "operator <",
        ["op_GreaterThan"] = "operator >",
        ["op_Implicit"] = "implicit",
        ["op_Explicit"] = "explicit",
    };

    public static IEnumerable<Signature> Properties(Assembly assembly) => assembly.GetExportedTypes()
        .SelectMany(t => t.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
        .Where(p => p.GetIndexParameters().Length == 0)
        .Select(p => new Signature(p.DeclaringType!.Name, Type(p.PropertyType), "." + p.Name, []));

    public static IEnumerable<Signature> Methods(Assembly assembly) => assembly.GetExportedTypes()
        .Where(t => !t.IsEnum && !typeof(Delegate).IsAssignableFrom(t))
        .SelectMany(t => t.GetMethods(
            BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly))
        .Where(m => !m.IsSpecialName || Operators.ContainsKey(m.Name))
        .Select(m => new Signature(
            m.IsDefined(typeof(ExtensionAttribute)) ? "extension" : m.DeclaringType!.Name,
            Type(m.ReturnType),
            Operators.GetValueOrDefault(m.Name, m.Name),
            [.. m.GetParameters().Select(Parameter)]));

    public static string Type(Type type)
    {
        if (Keywords.TryGetValue(type, out var keyword))
            return keyword;
        if (Nullable.GetUnderlyingType(type) is { } value)
            return Type(value) + "?";
        if (type.IsArray)
            return Type(type.GetElementType()!) + "[" + new string(',', type.GetArrayRank() - 1) + "]";
        if (!type.IsGenericType)
            return type.Name;
        var arguments = string.Join(",", type.GetGenericArguments().Select(Type));
        return type.Name.StartsWith("ValueTuple`", StringComparison.Ordinal)
            ? $"({arguments})"
            : $"{type.Name[..type.Name.IndexOf('`')]}<{arguments}>";
    }

    private static Argument Parameter(ParameterInfo p) => new(
        p.Name!,
        Type(p.ParameterType),
        p.HasDefaultValue ? Value(p) : null,
        p.IsDefined(typeof(ParamArrayAttribute)));

    private static string Value(ParameterInfo p)
    {
        var type = Nullable.GetUnderlyingType(p.ParameterType) ?? p.ParameterType;
        return p.DefaultValue switch
        {
            null => "null",
            bool b => b ? "true" : "false",
            string s => s,
            var v when type.IsEnum => Enum.ToObject(type, v).ToString()!,
            var v => TorchSharpList.Number(Convert.ToDouble(v, System.Globalization.CultureInfo.InvariantCulture)),
        };
    }
}
