namespace Aim.Tensors;

/// <summary>The entry point, spelled as in TorchSharp: <c>torch.zeros(...)</c>, <c>torch.nn.functional.gelu(...)</c>.</summary>
public static partial class torch
{
}
