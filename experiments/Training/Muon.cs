namespace Aim.Experiments.Training;

/// <summary>
/// Muon (Jordan and others, 2024, github.com/KellerJordan/Muon) for matrices of one shape: Nesterov momentum, made orthogonal by
/// five Newton-Schulz iterations. An update is scaled to AdamW's usual root mean square (0.2; Liu and others, arXiv 2502.16982),
/// so that one learning rate and one decay serve both optimisers. Matrices of a shape go through the iterations as one batch.
/// </summary>
internal sealed class Muon : IDisposable
{
    private const float Momentum = 0.95f;
    private const double RootMeanSquare = 0.2;
    private const int Iterations = 5;

    private readonly IReadOnlyList<(string Name, Modules.Parameter Parameter)> matrices;
    private readonly double weightDecay;

    public Muon(IReadOnlyList<(string Name, Modules.Parameter Parameter)> matrices, double weightDecay)
    {
        (this.matrices, this.weightDecay) = (matrices, weightDecay);
        State = [.. matrices.Select(m => (m.Name, torch.zeros_like(m.Parameter).DetachFromDisposeScope()))];
    }

    /// <summary>The momentum of each matrix.</summary>
    public IReadOnlyList<(string Name, Tensor Momentum)> State { get; }

    /// <summary>Updates, in place, the matrices that have a gradient.</summary>
    public void Step(double rate)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        int[] moved = [.. Enumerable.Range(0, matrices.Count).Where(i => matrices[i].Parameter.grad is not null)];
        if (moved.Length == 0)
        {
            return;
        }

        var directions = moved.Select(i =>
        {
            var gradient = matrices[i].Parameter.grad!;
            var momentum = State[i].Momentum.mul_(Momentum).add_(gradient, 1 - Momentum);
            return momentum.mul(Momentum).add_(gradient, 1 - Momentum);
        });
        var updates = Orthogonal(torch.stack([.. directions]));
        var shape = matrices[0].Parameter.shape;
        var size = rate * RootMeanSquare * Math.Sqrt(Math.Max(shape[0], shape[1]));
        for (var i = 0; i < moved.Length; i++)
        {
            matrices[moved[i]].Parameter.mul_(1 - (rate * weightDecay)).add_(updates[i], -size);
        }
    }

    /// <summary>
    /// Roughly the nearest matrices with orthonormal rows or columns: singular values come out between 0.7 and 1.2.
    /// </summary>
    /// <param name="x">[matrices, rows, columns].</param>
    internal static Tensor Orthogonal(Tensor x)
    {
        // The quintic's coefficients are Jordan's: steep at zero, and no singular value leaves [0.7, 1.2] once there.
        const float A = 3.4445f, B = -4.7750f, C = 2.0315f;
        var tall = x.shape[1] > x.shape[2];
        x = tall ? x.transpose(1, 2) : x;
        x = x / (x.pow(2).sum([1L, 2L], keepdim: true).sqrt() + 1e-7);
        for (var i = 0; i < Iterations; i++)
        {
            var gram = torch.bmm(x, x.transpose(1, 2));
            x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, B, C), x, A);
        }

        return tall ? x.transpose(1, 2) : x;
    }

    public void Dispose()
    {
        foreach (var (_, momentum) in State)
        {
            momentum.Dispose();
        }
    }
}
