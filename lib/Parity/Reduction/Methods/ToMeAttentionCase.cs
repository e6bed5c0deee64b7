using Aim.Reduction;

namespace Aim.Parity;

/// <summary>ToMe's proportional attention, and the metric that it hands on.</summary>
internal sealed class ToMeAttentionCase(string name, CaseFile file) : MethodCase(name, file)
{
    protected override void CompareCase(Comparison c)
    {
        int heads = Fixture.Args.NeedInt("heads");
        var x = Fixture.Tensor("in.x");
        if (heads < 1 || x.shape is not [var items, var tokens, var dim] || dim % heads != 0)
            throw new BadFixtureException("x must be [items, tokens, dim] and heads must divide dim");
        Limits.Check("the number of scores", items * heads * tokens * tokens, Limits.Similarities);
        var qkv = nn.functional.linear(x, Fixture.Tensor("in.qkv.weight")).view(items, tokens, 3, heads, dim / heads)
            .permute(2, 0, 3, 1, 4);
        Close(c, "metric", ToMe.Metric(qkv[1]));
        Close(c, "output", Output(Fixture.Tensor("in.size")));
        Close(c, "output_without_size", Output(null));

        Tensor Output(Tensor? sizes)
        {
            var y = ToMe.Attention(qkv[0], qkv[1], qkv[2], sizes).transpose(1, 2).reshape(items, tokens, dim);
            return nn.functional.linear(y, Fixture.Tensor("in.proj.weight"));
        }
    }
}
