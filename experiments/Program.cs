return await Aim.Experiments.Cli.CommandLine.RunAsync(args, Console.Out, Console.Error);
