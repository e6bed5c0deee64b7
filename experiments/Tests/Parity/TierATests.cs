using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using Aim.Parity.Ops;

namespace Aim.Experiments.Tests.Parity;

/// <summary>lib/Parity/Ops/tier-a.txt names every tensor operation that the compiled projects call, and no other.</summary>
public sealed class TierATests
{
    /// <summary>Fused operations, by what torch calls them; null where torch has no such thing.</summary>
    private static readonly Dictionary<string, string?> Fused = new()
    {
        ["linear"] = "F.linear",
        ["embedding"] = "F.embedding",
        ["rms_norm"] = "F.rms_norm",
        ["rotary"] = "composition.rope",
        ["swiglu"] = "composition.swiglu",
        ["attention"] = "F.scaled_dot_product_attention",
        ["scatter_mean"] = "torch.scatter_reduce",
        ["importance"] = null,
        ["decoder_step"] = null,
    };

    private static readonly Dictionary<string, string> Operators = new()
    {
        ["op_Addition"] = "Tensor.add",
        ["op_Subtraction"] = "Tensor.sub",
        ["op_Multiply"] = "Tensor.mul",
        ["op_Division"] = "Tensor.div",
        ["op_Modulus"] = "Tensor.remainder",
        ["op_UnaryNegation"] = "Tensor.neg",
        ["op_OnesComplement"] = "Tensor.bitwise_not",
        ["op_LogicalNot"] = "Tensor.logical_not",
        ["op_BitwiseAnd"] = "Tensor.bitwise_and",
        ["op_BitwiseOr"] = "Tensor.bitwise_or",
        ["op_ExclusiveOr"] = "Tensor.bitwise_xor",
        ["op_LessThan"] = "Tensor.lt",
        ["op_LessThanOrEqual"] = "Tensor.le",
        ["op_GreaterThan"] = "Tensor.gt",
        ["op_GreaterThanOrEqual"] = "Tensor.ge",
        ["get_Item"] = "Tensor.index",
        ["set_Item"] = "Tensor.__setitem__",
    };

    /// <summary>Members of <c>torch</c> and <c>Tensor</c> that compute nothing: handles, memory, conversions to C#.</summary>
    private static readonly HashSet<string> NoOperations =
    [
        "NewDisposeScope", "Dispose", "MoveToOuterDisposeScope", "MoveToOtherDisposeScope", "DetachFromDisposeScope", "CPU",
        "device", "get_device", "get_CPU", "get_shape", "get_dtype", "get_ndim", "get_grad", "set_grad", "get_requires_grad",
        "data", "get_bytes", "op_Implicit", "op_Explicit", "ToScalar", "ToSingle",
        "ToDouble", "ToInt32", "ToInt64", "ToString", "alias", "get_num_threads", "set_num_threads",
    ];

    [Test]
    public void The_list_is_what_the_code_calls()
    {
        var (names, unknown) = Called();
        Assert.That(unknown, Is.Empty, "called, but neither in lib/Parity's operation table nor named here as no operation");
        string path = Path.Combine(TestContext.CurrentContext.WorkDirectory, "tier-a.txt");
        File.WriteAllText(path, string.Join('\n', names) + "\n");
        Assert.That(TierA.Names, Is.EqualTo(names), $"the calls have changed: copy {path} to lib/Parity/Ops/tier-a.txt");
    }

    [Test]
    public void Every_name_is_an_operation() =>
        Assert.That(TierA.Names.Where(n => OperationTable.Find(n) is null), Is.Empty);

    private static (SortedSet<string> Names, SortedSet<string> Unknown) Called()
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        var unknown = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll").Where(IsOurs))
        {
            using var stream = File.OpenRead(file);
            using var image = new PEReader(stream);
            var metadata = image.GetMetadataReader();
            foreach (var (type, member) in Members(metadata))
            {
                if (!IsMapped(type, member, out string? name))
                    unknown.Add($"{type}.{member} ({Path.GetFileName(file)})");
                else if (name is not null)
                    names.Add(name);
            }
        }

        return (names, unknown);
    }

    /// <summary>The project's assemblies, but the engine, the parity library and tests.</summary>
    private static bool IsOurs(string path) => Path.GetFileNameWithoutExtension(path) is var name
        && (name == "aim" || name.StartsWith("Aim.", StringComparison.Ordinal))
        && name is not ("Aim.Tensors" or "Aim.Parity") && !name.EndsWith(".Tests", StringComparison.Ordinal);

    /// <summary>Methods of other assemblies that an assembly names, generic ones included.</summary>
    private static IEnumerable<(string Type, string Member)> Members(MetadataReader metadata)
    {
        var references = metadata.MemberReferences.Concat(Enumerable
            .Range(1, metadata.GetTableRowCount(TableIndex.MethodSpec))
            .Select(row => metadata.GetMethodSpecification(MetadataTokens.MethodSpecificationHandle(row)).Method)
            .Where(m => m.Kind == HandleKind.MemberReference).Select(m => (MemberReferenceHandle)m));
        foreach (var reference in references.Select(metadata.GetMemberReference))
        {
            if (reference.Parent.Kind == HandleKind.TypeReference && reference.GetKind() == MemberReferenceKind.Method)
                yield return (TypeName(metadata, (TypeReferenceHandle)reference.Parent), metadata.GetString(reference.Name));
        }
    }

    private static string TypeName(MetadataReader metadata, TypeReferenceHandle handle)
    {
        var type = metadata.GetTypeReference(handle);
        string name = metadata.GetString(type.Name);
        if (type.ResolutionScope.Kind == HandleKind.TypeReference)
            return $"{TypeName(metadata, (TypeReferenceHandle)type.ResolutionScope)}+{name}";
        string space = metadata.GetString(type.Namespace);
        return space == "" ? name : $"{space}.{name}";
    }

    /// <summary>False for a member that should have a Python name but has none; its name, or null, for all others.</summary>
    private static bool IsMapped(string type, string member, out string? name)
    {
        string root = typeof(torch).FullName!;
        name = null;
        if (type == typeof(FusedOps).FullName)
            return Fused.TryGetValue(member, out name);
        if (type == typeof(optim).FullName)
            name = $"optim.{member}";
        else if (type == typeof(nn.functional).FullName)
            name = $"F.{member}";
        else if (type == root || type == typeof(Tensor).FullName)
            name = Operators.TryGetValue(member, out string? python) ? python : NoOperations.Contains(member) ? null
                : $"{(type == root ? "torch" : "Tensor")}.{member}";
        else if (type == $"{root}+nn+utils" || type == $"{root}+autograd")
            name = $"torch.{type[(root.Length + 1)..].Replace('+', '.')}.{member}";
        return name is null || OperationTable.Find(name) is not null;
    }
}
