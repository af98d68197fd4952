using System.CommandLine;
using OpenMU.Model;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using OpenMU.Training.Data;

namespace OpenMU.Cli;

/// <summary>
/// <c>openmu score-clips TEACHER TABLE...</c>: what a tagger says of clips, for <c>openmu train-tagger</c> to learn.
/// </summary>
internal static class ScoreClips
{
    public static Command Command()
    {
        var teacher = new Argument<string>("teacher")
        {
            Description = "A folder with a tagger: tagger.json, tagger.safetensors.",
        };
        var tables = new Argument<string[]>("tables")
        {
            Description = "Tables of clips, as train-tagger reads them. Those that have scores beside them are left alone.",
            Arity = ArgumentArity.OneOrMore,
        };
        var threads = new Option<int>("--threads")
        {
            Description = "Threads of the arithmetic.",
            DefaultValueFactory = _ => Environment.ProcessorCount,
            HelpName = "N",
        };
        var command = new Command(
            "score-clips",
            "Writes what a tagger says of each patch of clips beside their tables, as .safetensors.")
        {
            teacher, tables, threads,
        };
        command.SetAction((parsed, cancel) => Task.Run(
            () =>
            {
                var folder = parsed.GetRequiredValue(teacher);
                var config = Tagger.ReadConfig(folder)
                    ?? throw new UsageException($"The folder {folder} has no {ModelFolder.TaggerConfigFile}.");
                var missing = parsed.GetRequiredValue(tables).FirstOrDefault(table => !File.Exists(table));
                if (missing is not null) throw new UsageException($"There is no table {missing}.");
                KernelThreads.Use(parsed.GetValue(threads));
                using var file = SafeTensors.Open(Path.Combine(folder, ModelFolder.TaggerFile));
                using var tagger = new Tagger(config, WeightSource.From(file));
                foreach (var table in parsed.GetRequiredValue(tables))
                {
                    if (File.Exists(Path.ChangeExtension(table, ".safetensors"))) continue;
                    TaggerClips.Score(
                        table, tagger, heard => Console.Error.WriteLine($"{table}: {heard} clips heard"), cancel);
                }
                return ExitCode.Done;
            },
            CancellationToken.None));
        return command;
    }
}
