using OpenMU.Cli;
using Spectre.Console;

// Lines for files and pipes are not to be wrapped at the width of a terminal that is not there.
if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 1000;

return await CommandLineApp.RunAsync(args);
