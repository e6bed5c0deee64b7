using Aim.Reduction;

namespace Aim.Parity;

/// <summary>ToMe's merging, round by round, with class and distillation tokens.</summary>
internal sealed class ToMeCase(string name, CaseFile file) : MethodCase(name, file)
{
    protected override void CompareCase(Comparison c)
    {
        var args = Fixture.Args;
        int[] r = args.NeedInts("r");
        bool classToken = args.NeedBool("class_token"), distillToken = args.NeedBool("distill_token");
        var x = Fixture.Tensor("in.tokens");
        if (x.shape is not [var items, var tokens, _])
            throw new BadFixtureException($"tokens must be [items, tokens, dim], not [{string.Join(", ", x.shape)}]");
        Limits.Check("the number of similarities", items * tokens * tokens / 4, Limits.Similarities);
        c.Exact(
            "counts",
            ToMe.Counts((int)tokens, r, (classToken ? 1 : 0) + (distillToken ? 1 : 0)),
            Fixture.Expected.NeedInts("counts"));
        Tensor? sizes = null;
        int[][] assign = [.. Enumerable.Range(0, (int)items).Select(_ => Enumerable.Range(0, (int)tokens).ToArray())];
        for (int i = 1; i <= r.Length; i++)
        {
            var step = ToMeStep.Match(Fixture.Tensor($"in.metric.{i}"), r[i - 1], classToken, distillToken);
            (x, sizes) = step.Apply(x, sizes);
            assign = [.. assign.Select((a, item) => Array.ConvertAll(a, slot => step.Assign(item)[slot]))];
            Close(c, $"tokens.{i}", x);
            Close(c, $"size.{i}", sizes);
            Indices(c, $"assign.{i}", assign.SelectMany(a => a));
        }
    }
}
