namespace OpenMU.Cli.Drills;

/// <summary>
/// A folder that is a system's whole PATH: links to what it runs, among them ffmpeg and ffprobe, which can be taken
/// away, broken, or replaced by stand-ins that do harm when they meet a marked file.
/// </summary>
internal sealed class DecoderPrograms
{
    private static readonly string[] Decoders = ["ffmpeg", "ffprobe"], Others = ["node", "prlimit"];

    private readonly DirectoryInfo folder;

    /// <summary>Fills a folder, which it makes, with links.</summary>
    /// <exception cref="InvalidOperationException">A program is not on the PATH.</exception>
    public DecoderPrograms(DirectoryInfo folder)
    {
        this.folder = folder;
        folder.Create();
        foreach (var program in Others)
        {
            if (Find(program) is { } real) File.CreateSymbolicLink(At(program), real);
        }

        Restore();
    }

    /// <summary>The PATH.</summary>
    public string SearchPath => folder.FullName;

    /// <summary>Everything works.</summary>
    public void Restore()
    {
        foreach (var program in Decoders)
        {
            var next = At(program) + ".next";
            File.Delete(next);
            File.CreateSymbolicLink(next, Real(program));
            File.Move(next, At(program), overwrite: true);
        }
    }

    /// <summary>The programs are not there.</summary>
    public void Remove()
    {
        foreach (var program in Decoders) File.Delete(At(program));
    }

    /// <summary>The programs end as those do that lack a library.</summary>
    public void Break()
    {
        foreach (var program in Decoders)
        {
            Replace(program, $"""
                echo '{program}: error while loading shared libraries: libavutil.so: cannot open shared object' >&2
                exit 127
                """);
        }
    }

    /// <summary>ffmpeg runs a line of shell when it is given a file with the mark, and works otherwise.</summary>
    /// <param name="traps">Marks and lines; <c>$PPID</c> is the process that decodes.</param>
    public void Trap(IEnumerable<(string Mark, string Line)> traps)
    {
        var cases = string.Join('\n', traps.Select(trap =>
            $"  if {Real("grep")} -aqF '{trap.Mark}' \"$file\"; then {trap.Line}; fi"));
        Replace("ffmpeg", $"""
            for argument; do
              file=$argument
              case "$file" in file:*) file=$(echo "$file" | {Real("cut")} -c 6-) ;; esac
              [ -f "$file" ] || continue
            {cases}
            done
            exec {Real("ffmpeg")} "$@"
            """);
    }

    /// <summary>Where a program of the machine's PATH lies.</summary>
    /// <exception cref="InvalidOperationException">It is not there.</exception>
    public static string Real(string program) =>
        Find(program) ?? throw new InvalidOperationException($"The drill needs {program}, which is not on the PATH.");

    private static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator).Select(place => Path.Combine(place, program)).FirstOrDefault(File.Exists);

    private void Replace(string program, string script)
    {
        var next = At(program) + ".next";
        File.Delete(next);
        File.WriteAllText(next, $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(next, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.Move(next, At(program), overwrite: true);
    }

    private string At(string program) => Path.Combine(folder.FullName, program);
}
