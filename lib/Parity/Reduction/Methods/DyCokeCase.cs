using Aim.Reduction;

namespace Aim.Parity;

/// <summary>DyCoke's temporal merging.</summary>
internal sealed class DyCokeCase(string name, CaseFile file) : MethodCase(name, file)
{
    protected override void CompareCase(Comparison c)
    {
        var args = Fixture.Args;
        int frames = args.NeedInt("frames"), count = args.NeedInt("tokens_per_frame");
        double ratio = args.NeedNumber("merging_ratio");
        var flat = Fixture.Tensor("in.tokens");
        if (frames < 1 || count < 1 || flat.shape is not [var n, var dim] || n != (long)frames * count)
            throw new BadFixtureException("tokens must be [frames * tokens_per_frame, dim]");
        c.Holds(
            DyCoke.KeptPerPrunedFrame(count, ratio) == args.NeedInt("kept_per_pruned_frame"),
            "a pruned frame keeps another number of tokens");

        // Upstream drops the last of an odd number of frames.
        bool dropOdd = frames % 2 == 1 && !Fixture.Expects("sane.indices");
        int[] kept = DyCoke.Select(flat.view(frames, count, dim), ratio, dropOdd);
        if (dropOdd)
            c.Note("the last frame is dropped as upstream does, which is an option here");
        Kept(c, kept, (int)n);
        c.Holds(kept.Length == DyCoke.Count(frames, count, ratio, dropOdd), "the count foretold is another one");
        if (Fixture.Expects("features"))
            Close(c, "features", flat.index_select(0, tensor(Array.ConvertAll(kept, i => (long)i))));
    }
}
