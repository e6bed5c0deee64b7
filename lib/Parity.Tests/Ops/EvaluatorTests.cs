using Aim.Parity.Ops;

namespace Aim.Parity.Tests.Ops;

/// <summary>The subset of Python that errors.json is written in. Each case is an expression that must be true.</summary>
public sealed class EvaluatorTests
{
    [TestCase("1 + 2 * 3 == 7 and -2 ** 2 == -4 and 2 ** -1 == 0.5 and 7 // -2 == -4 and 7 % -3 == -2")]
    [TestCase("(1 < 2 < 3) and not (1 < 2 > 3) and (3 if False else 4) == 4")]
    [TestCase("1_000 + 1e3 == 2000.0 and 3 / 2 == 1.5 and 5 & 6 == 4 and (1 << 4) - 1 == 15 and ~0 == -1")]
    [TestCase("(1, 2) + (3,) == (1, 2, 3) and [1, 2, 3, 4][1:-1] == [2, 3] and (1, 2, 3)[::-1] == (3, 2, 1)")]
    [TestCase("len('abc') == 3 and 'b' in ['a', 'b'] and 3 not in (1, 2) and None is None and 1 is not None")]
    [TestCase("{'a': 1}['a'] == 1 and float('-inf') < 0 and int(2.9) == 2 and bool([]) == False")]
    [TestCase("[i * i for i in range(4) if i > 1] == [4, 9] and list(range(3, 0, -1)) == [3, 2, 1]")]
    [TestCase("Z(2, 3).shape == (2, 3) and Z().dim() == 0 and Z(1, rg=True).requires_grad")]
    [TestCase("Z(2, dt=torch.int64).dtype == torch.int64")]
    [TestCase("I(1, 2, 3)[1:].tolist() == [2, 3] and I(1, 2, 3)[-1].item() == 3 and I(1, 2)[None].shape == (1, 2)")]
    [TestCase("Z(4, 3)[..., 0].shape == (4,) and Z(4, 3)[I(0, 2)].shape == (2, 3) and Z(4, 3)[[0, 1], [1, 2]].shape == (2,)")]
    [TestCase("Z(4, 3)[Z(4, dt=torch.bool)].shape == (4, 3) and Z(4, 3)[::2, 1:2].shape == (2, 1)")]
    [TestCase("torch.cat([Z(2, i) for i in (1, 2)], dim=1).shape == (2, 3) and torch.stack((Z(2), Z(2)), 1).shape == (2, 2)")]
    [TestCase("torch.equal(2 - I(1, 2), I(1, 0)) and torch.equal(6 / Z(2), torch.full((2,), 6.0))")]
    [TestCase("torch.equal(2 ** I(1, 3), I(2, 8))")]
    [TestCase("torch.equal(7 // I(2, -2), I(3, -4)) and torch.equal(I(7, -7) % 3, I(1, 2)) and (I(1, 2) @ I(3, 4)).item() == 11")]
    [TestCase("torch.equal(1 + I(1), I(2)) and bool(2 > I(1)) and (I(1) == I(1)).all().item()")]
    [TestCase("torch.nn.functional.relu(-Z(2)).sum().item() == 0 and F.softmax(Z(2, 2), -1).shape == (2, 2)")]
    [TestCase("torch.Tensor.add(I(1), I(2)).item() == 3 and torch.max(I(1, 3), 0)[1].item() == 1 and I(*[1, 2]).numel() == 2")]
    [TestCase("torch.tensor([[1, 2], [3, 4]]).shape == (2, 2)")]
    [TestCase("torch.tensor([]).dtype == torch.float32 and torch.tensor([True]).dtype == torch.bool")]
    [TestCase("Z(2, 3).T.shape == (3, 2) and Z(2, 3).view((3, 2)).shape == Z(2, 3).view(3, 2).shape and Z(2, 3).size(-1) == 3")]
    public void ExpressionsHaveTheirPythonValue(string code)
    {
        using var scope = NewDisposeScope();
        Assert.That(new Evaluator().Evaluate(Parser.ParseExpression(code)), Is.EqualTo(true));
    }

    [TestCase("a, (b, *c) = 1, (2, 3)", false)]
    [TestCase("a, b = I(1, 2); c = [a, b]; c[0] = b; x = c[0].item() == 2")]
    [TestCase("y = Z(2, 3); y[0, 1] = 5; y[1] = Z(3) * 2; y[:, 2] += 1; x = y.sum().item() == 15")]
    [TestCase("y = z = Z(2); y += 1; y *= 3; x = z.sum().item() == 12")]
    [TestCase("y = 3; y //= 2; y **= 2; x = y == 1")]
    [TestCase("with torch.no_grad(): y = Z(2, rg=True) * 2; z = y\nx = not z.requires_grad")]
    [TestCase("with torch.no_grad():\n    with torch.enable_grad():\n        z = Z(1, rg=True) * 2\nx = z.requires_grad")]
    [TestCase("torch.set_grad_enabled(False); z = (Z(1, rg=True) * 2).requires_grad; x = not z")]
    [TestCase("a = Z(3, rg=True)\n(a * 2).sum().backward()  # a comment\nx = a.grad.sum().item() == 6")]
    [TestCase("p = Z(2, rg=True); p.grad = Z(2); o = torch.optim.AdamW([p], 0.5); o.step(); x = p[0].item() < 0.51")]
    [TestCase("x = torch.add(input=I(1), other=I(2), alpha=3).item() == 7 and torch.topk(I(3, 1, 2), k=2)[0].tolist() == [3, 2]")]
    public void StatementsHaveTheirPythonEffect(string code, bool understood = true)
    {
        using var scope = NewDisposeScope();
        using var mode = enable_grad();
        var evaluator = new Evaluator();
        if (!understood)
        {
            Assert.That(() => evaluator.Run(Parser.Parse(code)), Throws.InstanceOf<NotExpressibleException>());
            return;
        }

        evaluator.Run(Parser.Parse(code));
        Assert.That(evaluator.Evaluate(Parser.ParseExpression("x")), Is.EqualTo(true));
    }

    [TestCase("a, b = I(1, 2, 3)", "expected 2")]
    [TestCase("a, b = (1,)", "expected 2, got 1")]
    [TestCase("for_ = Z()[0]", "")]
    [TestCase("len(Z())", "0-d")]
    [TestCase("'a' + 1", "'str' and 'int'")]
    [TestCase("torch.add(Z(2), 'x')", "argument 'other' (position 2) must be Tensor, not str")]
    [TestCase("torch.topk(Z(2))", "missing 1 required positional arguments: \"k\"")]
    [TestCase("torch.abs(Z(2), Z(2))", "takes 1 positional arguments but 2 were given")]
    [TestCase("torch.abs(Z(2), x=1)", "unexpected keyword argument 'x'")]
    [TestCase("torch.cumsum(Z(2), 0.5)", "must be int, not float")]
    [TestCase("torch.max(Z(2), 'a')", "invalid combination of arguments - got (Tensor, str)")]
    [TestCase("torch.softmax(Z(2), 0, dim=0)", "multiple values for argument 'dim'")]
    [TestCase("1 / 0", "division by zero")]
    public void PythonsOwnErrorsAreTorchLike(string code, string message)
    {
        using var scope = NewDisposeScope();
        Assert.That(() => new Evaluator().Run(Parser.Parse(code)),
            Throws.InstanceOf<System.Runtime.InteropServices.ExternalException>().With.Message.Contains(message));
    }
}
