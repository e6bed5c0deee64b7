using System.Diagnostics;
using Aim.Models;
using Aim.Tensors.Kernels;
using static Aim.Tensors.torch;

namespace Aim.Tensors.Benchmarks;

/// <summary>
/// Steps of the lab model's training, as samples per second and as shares of the FMA peak measured around them. FLOPs are
/// counted as 6 a parameter and token of what trains and 2 of what only runs forward (the frozen tower); attention's own
/// products and the output head are left out, so that figures of other frameworks can be computed alike.
/// </summary>
internal static class TrainingBench
{
    private static readonly LlavaOnevisionConfig Lab = new()
    {
        Vision = new VisionConfig
        {
            ImageSize = 96,
            PatchSize = 8,
            HiddenSize = 128,
            IntermediateSize = 512,
            NumHiddenLayers = 4,
            NumAttentionHeads = 4,
        },
        Text = new TextConfig
        {
            VocabSize = 720,
            HiddenSize = 128,
            IntermediateSize = 352,
            NumHiddenLayers = 12,
            NumAttentionHeads = 4,
            NumKeyValueHeads = 2,
            HeadDim = 32,
            TieWordEmbeddings = true,
        },
    };

    /// <summary>Prints the steps at one thread and at all; <paramref name="arguments"/> may hold <c>--sections</c>.</summary>
    public static int Run(int allThreads, string[] arguments)
    {
        if (arguments is not ([] or ["--sections"]))
        {
            Console.Error.WriteLine("usage: training [--sections]");
            return 2;
        }
        foreach (var threads in allThreads == 1 ? [1] : new[] { 1, allThreads })
            Print(threads, 1.5, arguments.Length > 0);
        return 0;
    }

    /// <summary>A line a kind of step.</summary>
    public static void Print(int threads, double seconds, bool sections)
    {
        Pool.Threads = threads;
        Console.WriteLine();
        Console.WriteLine($"training, {threads} thread(s){"",-22}{"ms",9}{"a second",12}{"rate",16}{"of peak",9}");
        foreach (var create in new Func<TrainingStep>[]
        {
            () => new JointStep("24 pictures, 36 + 64 tokens", 24, 1, 64),
            () => new JointStep("6 clips of 8, 288 + 48", 6, 8, 48),
            () => new TowerStep("tower, 32 pictures", 32, train: true),
            () => new TowerStep("tower forward, 32 frames", 32, train: false),
        })
        {
            using var step = create();
            step.Run();
            step.Sections.Clear();
            var (time, peak) = BenchClock.BestWithPeak(step.Run, 3, seconds / 3);
            Console.WriteLine($"  {step.Name,-42}{time * 1e3,9:F1}{step.Samples / time,12:F1}"
                + $"{step.Flops / time / 1e9,9:F1} GFLOP/s{step.Flops / time / peak,9:P0}");
            var total = step.Sections.Values.Sum();
            foreach (var (name, part) in sections ? step.Sections.ToArray() : [])
                Console.WriteLine($"      {name,-20}{(double)part / total,6:P0}");
        }
    }

    /// <summary>Model, data and optimiser of a step; <see cref="Run"/> takes one.</summary>
    private abstract class TrainingStep(string name, int samples) : IDisposable
    {
        private long last;

        public string Name => name;

        public int Samples => samples;

        public abstract double Flops { get; }

        /// <summary>Ticks spent by section.</summary>
        public Dictionary<string, long> Sections { get; } = [];

        protected LlavaOnevision Model { get; } = LlavaOnevision.Create(Lab, 7, trainable: true);

        public void Run()
        {
            using var scope = NewDisposeScope();
            last = Stopwatch.GetTimestamp();
            Step();
        }

        public virtual void Dispose() => Model.Dispose();

        protected abstract void Step();

        protected void Lap(string section)
        {
            var now = Stopwatch.GetTimestamp();
            Sections[section] = Sections.GetValueOrDefault(section) + now - last;
            last = now;
        }

        protected Modules.Parameter[] Weights(bool tower) =>
            [.. Model.Weights.Names.Where(n => n.Contains("vision_tower", StringComparison.Ordinal)
                    == tower && Model.Weights[n].Trainable)
                .Select(n => (Modules.Parameter)Model.Weights[n].Tensor)];

        protected static double Count(IEnumerable<Tensor> weights) => weights.Where(w => w.dim() > 1).Sum(w => (double)w.numel());

        protected void Update(Tensor loss, Modules.Parameter[] weights, optim.Optimizer optimizer)
        {
            loss.backward();
            Lap("backward");
            nn.utils.clip_grad_norm_(weights, 1);
            Lap("clip");
            optimizer.step();
            optimizer.zero_grad();
            Lap("AdamW");
        }
    }

    /// <summary>Stage 2: projector, decoder and newline; the tower is frozen; loss on each fourth text token.</summary>
    private sealed class JointStep : TrainingStep
    {
        private readonly int batch, frames, text;
        private readonly Modules.Parameter[] weights;
        private readonly Modules.AdamW optimizer;
        private readonly Tensor pixels, ids, targetRows, targets;

        public JointStep(string name, int batch, int frames, int text)
            : base(name, batch)
        {
            (this.batch, this.frames, this.text) = (batch, frames, text);
            weights = Weights(tower: false);
            optimizer = optim.AdamW(weights, 1e-4, 0.9, 0.98, weight_decay: 0.05);
            var random = new Generator(3);
            pixels = randn([batch * frames, 3, 96, 96], generator: random);
            ids = randint(720, [batch, text], generator: random);
            var length = (frames * Lab.TokensPerFrame) + text;
            var rows = Enumerable.Range(0, batch * length).Where(i => i % length >= length - text && i % 4 == 0)
                .Select(i => (long)i);
            targetRows = tensor(rows.ToArray());
            targets = randint(720, [targetRows.shape[0]], generator: random);
        }

        public override double Flops => (6.0 * Samples * ((frames * Lab.TokensPerFrame) + text) * Count(weights))
            + (2.0 * Samples * frames * 144 * Count(Weights(tower: true)));

        public override void Dispose()
        {
            optimizer.Dispose();
            base.Dispose();
        }

        protected override void Step()
        {
            Tensor features;
            using (no_grad())
            {
                features = Model.VisionFeatures(pixels);
            }

            Lap("tower");
            var visual = Model.ProjectAndPool(features).reshape(batch, -1, Lab.Text.HiddenSize);
            var hidden = Model.Language.Forward(cat([visual, Model.Language.Embed(ids)], 1));
            Lap("forward");
            var logits = Model.Language.Logits(hidden.reshape(-1, Lab.Text.HiddenSize).index_select(0, targetRows));
            var loss = nn.functional.cross_entropy(logits, targets);
            Lap("loss");
            Update(loss, weights, optimizer);
        }
    }

    /// <summary>Stage 0: the tower under a loss on each patch; or its forward pass alone.</summary>
    private sealed class TowerStep : TrainingStep
    {
        private readonly bool train;
        private readonly Modules.Parameter[] weights;
        private readonly Modules.AdamW optimizer;
        private readonly Tensor pixels, head, classes;

        public TowerStep(string name, int pictures, bool train)
            : base(name, pictures)
        {
            this.train = train;
            weights = Weights(tower: true);
            optimizer = optim.AdamW(weights, 1e-4, 0.9, 0.98, weight_decay: 0.05);
            var random = new Generator(4);
            pixels = randn([pictures, 3, 96, 96], generator: random);
            head = randn([79, Lab.Vision.HiddenSize], generator: random) * 0.1;
            classes = randint(79, [pictures * 144], generator: random);
        }

        public override double Flops => (train ? 6.0 : 2.0) * Samples * 144 * Count(weights);

        public override void Dispose()
        {
            optimizer.Dispose();
            base.Dispose();
        }

        protected override void Step()
        {
            if (!train)
            {
                using (no_grad())
                {
                    Model.VisionFeatures(pixels);
                }

                Lap("forward");
                return;
            }

            var features = Model.VisionFeatures(pixels);
            Lap("forward");
            var normed = nn.functional.layer_norm(features, [Lab.Vision.HiddenSize]);
            var logits = nn.functional.linear(normed.reshape(-1, Lab.Vision.HiddenSize), head);
            var loss = nn.functional.cross_entropy(logits, classes);
            Lap("loss");
            Update(loss, weights, optimizer);
        }
    }
}
