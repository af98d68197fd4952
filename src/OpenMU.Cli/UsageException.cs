namespace OpenMU.Cli;

/// <summary>The command line asks for something that does not exist or does not go together.</summary>
/// <param name="message">One line for the user.</param>
internal sealed class UsageException(string message) : Exception(message);
