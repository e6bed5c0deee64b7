namespace Aim.Experiments;

/// <summary>Which tensor engine the program was built with.</summary>
internal static class Engine
{
    public static string Name => typeof(torch).Assembly.GetName().Name == "TorchSharp" ? "TorchSharp" : "Managed";
}
