using System.CommandLine;

namespace OpenMU.Cli;

/// <summary>
/// <c>openmu completion bash</c>: a script with which a shell completes verbs, options and names as they are typed. The
/// program itself is asked, so the script never falls behind.
/// </summary>
internal static class Completion
{
    private const string Bash = """
        _openmu_complete() {
            local cur="${COMP_WORDS[COMP_CWORD]}" IFS=$'\n'
            COMPREPLY=($(compgen -W "$(openmu "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "$cur"))
            [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$cur"))
        }
        complete -o filenames -F _openmu_complete openmu

        """;

    private const string Zsh = """
        #compdef openmu
        _openmu() {
            local -a found
            found=("${(@f)$(openmu "[suggest:${#BUFFER}]" "$BUFFER" 2>/dev/null)}")
            [[ -n "${found[*]}" ]] && compadd -- "${found[@]}" || _files
        }
        compdef _openmu openmu

        """;

    private const string Fish = """
        function __openmu_complete
            set -l line (commandline -cp)
            openmu "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -c openmu -a '(__openmu_complete)'

        """;

    public static Command Command()
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command(
            "completion",
            "Prints a script that makes a shell complete this program's verbs and options. For bash: "
                + "source <(openmu completion bash), as in ~/.bashrc.")
        {
            shell
        };
        command.SetAction(parsed => Console.Out.Write(parsed.GetValue(shell) switch
        {
            "zsh" => Zsh,
            "fish" => Fish,
            _ => Bash,
        }));
        return command;
    }
}
