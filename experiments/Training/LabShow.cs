namespace Aim.Experiments.Training;

/// <summary>`aim lab show`: a contact sheet of clips with their questions and answers.</summary>
public static class LabShow
{
    public static int Run(LabShowOptions options, TextWriter log)
    {
        throw new NotSupportedException($"lab show {options.Output}: being built");
    }
}
