using Aim.Parity.Ops;

namespace Aim.Parity.Tests.Ops;

/// <summary>
/// Operations that are composed here, and arguments that no fixture case has: torch's rules written as Python. The last line of
/// each must be true.
/// </summary>
public sealed class OperationTests
{
    private const string Counting = "x = torch.arange(24, dtype=torch.float32).view(2, 3, 4)\n";

    [TestCase("torch.squeeze(Z(1, 2, 1, 3, 1), dim=(0, 2)).shape == (2, 3, 1) and Z(2, 1).squeeze((0, 1)).shape == (2,)")]
    [TestCase("torch.allclose(torch.logsumexp(x, (0, 2)), x.transpose(0, 1).reshape(3, 8).exp().sum(1).log())")]
    [TestCase("torch.logsumexp(x, dim=[-1, 0], keepdim=True).shape == (1, 3, 1)")]
    [TestCase("torch.allclose(torch.var(x, dim=(0, 2), correction=3), torch.var(x, dim=(0, 2), correction=0) * 8 / 5)")]
    [TestCase("torch.var(I(1, 2, 4).float(), correction=5).item() == float('inf')")]
    [TestCase("torch.allclose(torch.std(x, 1, correction=2), torch.var(x, 1, correction=2).sqrt())")]
    [TestCase("torch.equal(torch.var(x, 1, False), torch.var(x, 1, correction=0)) and torch.var(x, unbiased=False).dim() == 0")]
    [TestCase("v, m = torch.var_mean(x, dim=0, correction=0, keepdim=True)\n"
        + "v.shape == (1, 3, 4) and torch.allclose(m[0], x.mean(0))")]
    [TestCase("torch.any(x, dim=(0, 2)).shape == (3,) and torch.all(x, keepdim=True).shape == (1, 1, 1) and not torch.all(x)")]
    [TestCase("torch.argmax(x, keepdim=True).shape == (1, 1, 1) and torch.argmax(x).item() == 23")]
    [TestCase("torch.norm(x, p=1, dim=(1, 2)).tolist() == [66.0, 210.0]")]
    [TestCase("torch.linalg.vector_norm(x, float('inf')).item() == 23")]
    [TestCase("v, i = torch.median(torch.tensor([[3., 1., 2., 4.], [1., float('nan'), 5., 0.]]), dim=1)\n"
        + "v[0].item() == 2 and i.tolist() == [2, 1] and v.isnan().tolist() == [False, True]")]
    [TestCase("torch.clamp(x, min=Z(4) * 3, max=20).amax().item() == 20 and torch.clip(I(1, 5), max=3).tolist() == [1, 3]")]
    [TestCase("torch.rsub(x, 3, alpha=2).sum().item() == 24 * 3 - 2 * 276 and (x - x.rsub(0)).sum().item() == 2 * 276")]
    [TestCase("torch.where(x > 3, x, 0.0).sum().item() == 270 and len(torch.where(x > 20)) == 3")]
    [TestCase("Z(2, 3).scatter(1, I(2, 0).view(2, 1), 5.0).tolist() == [[1, 1, 5], [5, 1, 1]]")]
    [TestCase("y = Z(1, 3)\ny.scatter_(1, I(0).view(1, 1), 2.0, reduce='multiply').tolist() == [[2, 1, 1]]")]
    [TestCase("Z(1, 3).scatter(1, I(0, 0).view(1, 2), Z(1, 2), reduce='add').tolist() == [[3, 1, 1]]")]
    [TestCase("s = torch.tensor([5., 7., 2., 3.])\n"
        + "Z(3).scatter_reduce(0, I(0, 0, 2, 2), s, 'amax').tolist() == [7, 1, 3]")]
    [TestCase("s = torch.tensor([5., 7., 2., 3.])\nZ(3).scatter_reduce(0, I(0, 0, 2, 2), s, 'prod').tolist() == [35, 1, 6]")]
    [TestCase("s = torch.tensor([5., 7., 2., 3.])\n"
        + "(Z(3) * 9).scatter_reduce(0, I(0, 0, 2, 2), s, 'amin', include_self=False).tolist() == [5, 9, 2]")]
    [TestCase("s = torch.tensor([5., 7., 2., 3.])\n"
        + "(Z(3) * 9).scatter_reduce(0, I(0, 0, 2, 2), s, 'mean', include_self=False).tolist() == [6, 9, 2.5]")]
    [TestCase("I(1, 1).scatter_reduce(0, I(0, 0), I(3, 4), 'mean').tolist() == [2, 1]")]
    [TestCase("a = Z(2, rg=True)\nb = Z(3, rg=True)\na.scatter_reduce(0, I(0, 0, 1), b, 'amax').sum().backward()\n"
        + "torch.allclose(a.grad, torch.tensor([1/3, 1/2])) and torch.allclose(b.grad, torch.tensor([1/3, 1/3, 1/2]))")]
    [TestCase("w = Z(3, 2, rg=True)\nF.embedding(I(0, 2, 2), w, padding_idx=-1).sum().backward()\n"
        + "w.grad.tolist() == [[1, 1], [0, 0], [0, 0]]")]
    [TestCase("F.interpolate(x[:, :, :4].reshape(2, 3, 4), size=6, mode='nearest-exact')[0, 0].tolist() == [0, 1, 1, 2, 3, 3]")]
    [TestCase("F.conv2d(Z(1, 1, 5, 4), Z(1, 1, 4, 3), padding='same').shape == (1, 1, 5, 4)")]
    [TestCase("F.conv2d(Z(1, 1, 5, 4), Z(1, 1, 2, 2), padding='same')[0, 0, -1].tolist() == [2, 2, 2, 1]")]
    [TestCase("F.pad(Z(1), 1 * (1, 2), value=None).tolist() == [0, 1, 0, 0]")]
    [TestCase("F.adaptive_avg_pool2d(Z(1, 4, 6), (None, 2)).shape == (1, 4, 2)")]
    [TestCase("l = torch.log_softmax(Z(2, 3), 1)\nF.nll_loss(l, I(0, 2), ignore_index=2).item() == -l[0, 0].item()")]
    [TestCase("F.mse_loss(Z(2), Z(2) * 3, size_average=False).item() == 8 and F.l1_loss(Z(2), Z(2), reduce=False).shape == (2,)")]
    [TestCase("torch.equal(F.softmax(x), F.softmax(x, dim=0)) and torch.equal(F.softmax(x[0]), F.softmax(x[0], 1))")]
    [TestCase("F.rms_norm(x, (3, 4)).shape == x.shape and torch.allclose(F.rms_norm(x, [4]), x / (x * x).mean(2, True).sqrt())")]
    [TestCase("F.rms_norm(x.double(), (4,)).dtype == torch.float64")]
    [TestCase("torch.take_along_dim(x, torch.argsort(x, dim=2, descending=True), dim=2)[0, 0].tolist() == [3, 2, 1, 0]")]
    [TestCase("torch.sort(I(2, 1, 2), stable=True, descending=True)[1].tolist() == [0, 2, 1]")]
    [TestCase("torch.sort(x, 0)[0].shape == x.shape")]
    [TestCase("x.view(6, 4)[1:, ::2].shape == (5, 2) and x[None, ..., -1:].shape == (1, 2, 3, 1)")]
    [TestCase("x[True].shape == (1, 2, 3, 4)")]
    [TestCase("torch.index_add(Z(3), 0, I(0, 0), I(1, 2).float(), alpha=2).tolist() == [7, 1, 1]")]
    [TestCase("y = x.index_put((I(0), I(1)), Z(4), accumulate=True)\n"
        + "y[0, 1].tolist() == [5, 6, 7, 8] and x[0, 1, 0].item() == 4")]
    [TestCase("torch.eye(2, 3).tolist() == [[1, 0, 0], [0, 1, 0]] and torch.arange(1, 2, 0.5).tolist() == [1, 1.5]")]
    [TestCase("torch.full((2,), True).dtype == torch.bool and torch.full((2,), 3).dtype == torch.int64")]
    [TestCase("Z(2).to(torch.int64, copy=True).dtype == torch.int64 and Z(2).to('cpu', torch.float64).dtype == torch.float64")]
    [TestCase("torch.repeat_interleave(x, 2, dim=-1, output_size=8).shape == (2, 3, 8)")]
    [TestCase("torch.roll(x, (1, 1), (0, 2))[0, 0, 0].item() == 15")]
    [TestCase("torch.div(I(-7), 2, rounding_mode='trunc').item() == -3 and (I(-7) // 2).item() == -4")]
    [TestCase("q = torch.sin(x.view(1, 2, 3, 4))\nk = q[:, :1]\n"
        + "torch.allclose(F.scaled_dot_product_attention(q, k, k, scale=0.3, enable_gqa=True, is_causal=True), "
        + "F.scaled_dot_product_attention(q, k.expand_as(q), k.expand_as(q), Z(3, 3, dt=torch.bool).tril(), scale=0.3))")]
    [TestCase("q = torch.sin(x.view(1, 2, 3, 4))\nk = torch.cos(Z(1, 2, 5, 4))\n"
        + "F.scaled_dot_product_attention(q, k, k, is_causal=True).shape == (1, 2, 3, 4)")]
    public void FollowsTorch(string code)
    {
        using var scope = NewDisposeScope();
        using var mode = enable_grad();
        var evaluator = new Evaluator();
        var lines = (Counting + code).Split('\n');
        evaluator.Run(Parser.Parse(string.Join('\n', lines[..^1])));
        Assert.That(evaluator.Evaluate(Parser.ParseExpression(lines[^1])), Is.EqualTo(true));
    }
}
