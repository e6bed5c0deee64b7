using Aim.Tensors.Benchmarks;
using BenchmarkDotNet.Running;

// quick [--threads N]: every kernel at the shapes of this project, in under a minute, as shares of what the same run measures.
// decode DIR [TOKENS]: tokens of a checkpoint, decoded after a prompt of so many (200).
// attention, rows, training, contention, overhead, speedup: one subject each, longer (see the classes).
// anything else: BenchmarkDotNet's own command line (--filter '*', --list flat, ...)
if (args is ["attention"])
    return AttentionBench.Run(Environment.ProcessorCount);
if (args is ["rows"])
    return RowBench.Run(Environment.ProcessorCount);
if (args is ["training", .. var trainingArgs])
    return TrainingBench.Run(Environment.ProcessorCount, trainingArgs);
if (args is ["contention", .. var contentionArgs])
    return ContentionBench.Run(contentionArgs);
if (args is ["overhead"])
    return OverheadBench.Run(Environment.ProcessorCount);
if (args is ["speedup"])
    return SpeedupBench.Run(Environment.ProcessorCount);
if (args is ["decode", var directory])
    return DecodeBench.Run(Environment.ProcessorCount, directory, 200);
if (args is ["decode", var from, var tokens] && int.TryParse(tokens, out var context) && context >= 1)
    return DecodeBench.Run(Environment.ProcessorCount, from, context);
if (args is ["quick"])
    return Quick.Run(Environment.ProcessorCount);
if (args is ["quick", "--threads", var count] && int.TryParse(count, out var threads) && threads >= 1)
    return Quick.Run(threads);
if (args.Length == 0 || args[0] is "quick" or "decode")
{
    Console.Error.WriteLine("usage: quick [--threads N] | decode DIR [TOKENS] | attention | rows | training | contention | "
        + "overhead | speedup | BenchmarkDotNet options, such as --filter '*Gemm*'");
    return 2;
}
BenchmarkSwitcher.FromAssembly(typeof(Quick).Assembly).Run(args);
return 0;
