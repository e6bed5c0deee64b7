namespace Aim.Tensors.Tests.Ops;

public static partial class OpTable
{
    private static Dictionary<string, Call> Shaping() => new()
    {
        ["Tensor.view"] = (c, x) => [x[0].view(c.Longs("size"))],
        ["torch.reshape"] = (c, x) => [x[0].reshape(c.Longs("shape"))],
        ["torch.permute"] = (c, x) => [x[0].permute(c.Longs("dims"))],
        ["torch.transpose"] = (c, x) => [x[0].transpose(c.Long("dim0"), c.Long("dim1"))],
        ["torch.t"] = (c, x) => [x[0].t()],
        ["torch.movedim"] = (c, x) => [x[0].movedim(c.Long("source"), c.Long("destination"))],
        ["torch.squeeze"] = (c, x) => [c.Has("dim") ? x[0].squeeze(c.Long("dim")) : x[0].squeeze()],
        ["torch.unsqueeze"] = (c, x) => [x[0].unsqueeze(c.Long("dim"))],
        ["torch.flatten"] = (c, x) => [x[0].flatten(c.Long("start_dim"), c.Long("end_dim", -1))],
        ["torch.unflatten"] = (c, x) => [x[0].unflatten(c.Long("dim"), c.Longs("sizes"))],
        ["Tensor.expand"] = (c, x) => [x[0].expand(c.Longs("size"))],
        ["torch.broadcast_to"] = (c, x) => [broadcast_to(x[0], c.Longs("size"))],
        ["Tensor.repeat"] = (c, x) => [x[0].repeat(c.Longs("sizes"))],
        ["torch.tile"] = (c, x) => [x[0].tile(c.Longs("dims"))],
        ["Tensor.contiguous"] = (c, x) => [x[0].contiguous()],
        ["Tensor.slice"] = (c, x) =>
            [x[0].slice(c.Long("dim"), c.Long("start"), c.Long("end", long.MaxValue), c.Long("step", 1))],
        ["Tensor.unfold"] = (c, x) => [x[0].unfold(c.Long("dimension"), c.Long("size"), c.Long("step"))],
        ["torch.narrow"] = (c, x) => [x[0].narrow(c.Long("dim"), c.Long("start"), c.Long("length"))],
        ["torch.select"] = (c, x) => [x[0].select(c.Long("dim"), c.Long("index"))],
        ["torch.unbind"] = (c, x) => x[0].unbind(c.Long("dim")),
        ["torch.chunk"] = (c, x) => x[0].chunk(c.Long("chunks"), c.Long("dim")),
        ["torch.split"] = (c, x) =>
            c.Longs("split_size_or_sections") is [var size]
            && c.Arg("split_size_or_sections").ValueKind == System.Text.Json.JsonValueKind.Number
            ? x[0].split(size, (int)c.Long("dim"))
            : x[0].split(c.Longs("split_size_or_sections"), c.Long("dim")),
        ["torch.cat"] = (c, x) => [cat(x, c.Long("dim"))],
        ["torch.stack"] = (c, x) => [stack(x, c.Long("dim"))],
        ["torch.flip"] = (c, x) => [x[0].flip(c.Longs("dims"))],
        ["torch.roll"] = (c, x) => [c.Longs("shifts") is [var one]
            ? c.Has("dims") ? x[0].roll(one, c.Longs("dims")[0]) : x[0].roll(one)
            : x[0].roll(c.Longs("shifts"), c.Longs("dims"))],
        ["torch.repeat_interleave"] = (c, x) => [x.Length > 1
            ? x[0].repeat_interleave(x[1], c.Has("dim") ? c.Long("dim") : null)
            : x[0].repeat_interleave(c.Long("repeats"), c.Has("dim") ? c.Long("dim") : null)],
        ["torch.tril"] = (c, x) => [x[0].tril(c.Long("diagonal"))],
        ["torch.triu"] = (c, x) => [x[0].triu(c.Long("diagonal"))],
        ["torch.diag"] = (c, x) => [x[0].diag()],
        ["torch.diag_embed"] = (c, x) => [x[0].diag_embed()],
        ["torch.diagonal"] = (c, x) => [x[0].diagonal(c.Long("offset"))],
    };

    private static Dictionary<string, Call> Indexing() => new()
    {
        ["torch.gather"] = (c, x) => [x[0].gather(c.Long("dim"), x[1])],
        ["torch.scatter"] = (c, x) => [x[0].scatter(c.Long("dim"), x[1], x[2])],
        ["torch.scatter_add"] = (c, x) => [x[0].scatter_add(c.Long("dim"), x[1], x[2])],
        ["torch.scatter_reduce"] = (c, x) => [FusedOps.scatter_mean(x[0], c.Long("dim"), x[1], x[2])],
        ["torch.index_select"] = (c, x) => [x[0].index_select(c.Long("dim"), x[1])],
        ["torch.index_add"] = (c, x) => [x[0].index_add(c.Long("dim"), x[1], x[2], c.Value("alpha"))],
        ["torch.index_copy"] = (c, x) => [x[0].index_copy(c.Long("dim"), x[1], x[2])],
        ["torch.index_fill"] = (c, x) => [x[0].index_fill(c.Long("dim"), x[1], c.Value("value"))],
        ["torch.take_along_dim"] = (c, x) =>
            [c.Has("dim") ? x[0].take_along_dim(x[1], c.Long("dim")) : x[0].take_along_dim(x[1])],
        ["torch.masked_select"] = (c, x) => [x[0].masked_select(x[1])],
        ["Tensor.masked_fill"] = (c, x) => [x[0].masked_fill(x[1], c.Value("value"))],
        ["Tensor.masked_scatter"] = (c, x) => [x[0].masked_scatter(x[1], x[2])],
        ["torch.nonzero"] = (c, x) => c.Flag("as_tuple") ? x[0].nonzero().unbind(1) : [x[0].nonzero()],
        ["Tensor.index"] = (c, x) => [c.Text("pattern", "") switch
        {
            "[t1]" => x[0][TensorIndex.Tensor(x[1])],
            "[t1, t2]" => x[0][TensorIndex.Tensor(x[1]), TensorIndex.Tensor(x[2])],
            _ => x[0][TensorIndex.Colon, TensorIndex.Tensor(x[1])],
        }],
        ["Tensor.index_put"] = (c, x) =>
        {
            var y = x[0].clone();
            y.index_put_(x[3], [TensorIndex.Tensor(x[1]), TensorIndex.Tensor(x[2])], c.Flag("accumulate"));
            return [y];
        },
    };

    private static Dictionary<string, Call> Factories() => new()
    {
        ["torch.arange"] = (c, _) =>
            [arange(c.Has("start") ? c.Value("start") : 0, c.Value("end"), c.Has("step") ? c.Value("step") : 1)],
        ["torch.linspace"] = (c, _) => [linspace(c.Number("start"), c.Number("end"), c.Long("steps"))],
        ["torch.eye"] = (c, _) => [eye(c.Long("n"), c.Long("m", -1))],
        ["torch.full"] = (c, _) => [full(c.Longs("size"), c.Value("fill_value"))],
    };
}
