namespace Aim.Parity.Ops;

internal sealed partial class Evaluator
{
    private void Assign(Expression target, object? value)
    {
        switch (target)
        {
            case NameOf name:
                _variables[name.Name] = value;
                break;
            case TupleOf or ListOf:
                var targets = target is TupleOf t ? t.Items : ((ListOf)target).Items;
                var items = Items(value);
                if (items.Count > targets.Count)
                    throw new TorchException($"too many values to unpack (expected {targets.Count})");
                if (items.Count < targets.Count)
                    throw new TorchException($"not enough values to unpack (expected {targets.Count}, got {items.Count})");
                for (var i = 0; i < targets.Count; i++)
                    Assign(targets[i], items[i]);
                break;
            case Subscript place:
                SetItem(Evaluate(place.Target), Evaluate(place.Index), value);
                break;
            case Member member:
                Members.Set(Evaluate(member.Target), member.Name, value);
                break;
            default:
                throw new NotExpressibleException("assignment to something else than a name, an item or an attribute");
        }
    }

    private static object? Item(object? target, object? index)
    {
        switch (target)
        {
            case Tensor t:
                return OperationTable.Call("Tensor.__getitem__", t, index);
            case Dictionary<string, object?> dict:
                return index is string key && dict.TryGetValue(key, out var value)
                    ? value
                    : throw new TorchException($"KeyError: {index}");
            default:
                var items = Values.Sequence(target)
                    ?? throw new TorchException($"'{Values.TypeName(target)}' object is not subscriptable");
                if (index is not PythonSlice slice)
                    return items[Position(index, items.Count)];
                var part = Part(items, slice);
                return target is PythonList ? new PythonList(part) : part.ToArray();
        }
    }

    private static void SetItem(object? target, object? index, object? value)
    {
        switch (target)
        {
            case Tensor t:
                OperationTable.Call("Tensor.__setitem__", t, index, value);
                break;
            case PythonList list:
                list[Position(index, list.Count)] = value;
                break;
            case Dictionary<string, object?> dict when index is string key:
                dict[key] = value;
                break;
            default:
                throw new TorchException($"'{Values.TypeName(target)}' object does not support item assignment");
        }
    }

    private static int Position(object? index, int count)
    {
        if (index is not long at)
            throw new TorchException($"indices must be integers or slices, not {Values.TypeName(index)}");
        return at >= -count && at < count ? (int)(at < 0 ? at + count : at) : throw new TorchException("index out of range");
    }

    private static List<object?> Part(IReadOnlyList<object?> items, PythonSlice slice)
    {
        var step = slice.Step ?? 1;
        if (step == 0)
            throw new TorchException("slice step cannot be zero");
        long Clamp(long? at, long otherwise) => at is not { } a ? otherwise
            : Math.Clamp(a < 0 ? a + items.Count : a, step > 0 ? 0 : -1, step > 0 ? items.Count : items.Count - 1);
        var (start, stop) = step > 0
            ? (Clamp(slice.Start, 0), Clamp(slice.Stop, items.Count))
            : (Clamp(slice.Start, items.Count - 1), Clamp(slice.Stop, -1));
        var part = new List<object?>();
        for (var i = start; step > 0 ? i < stop : i > stop; i += step)
            part.Add(items[(int)i]);
        return part;
    }

    /// <summary>An augmented assignment: tensors change in place where Python's operator does so.</summary>
    private static object? InPlace(string op, object? left, object? right)
    {
        if (left is not Tensor)
            return Arithmetic.Apply(op, left, right);
        return Arithmetic.Method(op) is { } method && OperationTable.Find($"Tensor.{method}_") is not null
            ? OperationTable.Call($"Tensor.{method}_", left, right)
            : Arithmetic.Apply(op, left, right);
    }
}
