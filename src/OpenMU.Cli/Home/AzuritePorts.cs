using System.Net;
using System.Net.Sockets;

namespace OpenMU.Cli.Home;

/// <summary>The loopback ports that the storage emulator listens on.</summary>
internal sealed record AzuritePorts(int Blob, int Queue, int Table)
{
    /// <summary>Three ports that were free a moment ago.</summary>
    public static AzuritePorts Free()
    {
        TcpListener[] listeners = [new(IPAddress.Loopback, 0), new(IPAddress.Loopback, 0), new(IPAddress.Loopback, 0)];
        foreach (var listener in listeners) listener.Start();
        var ports = Array.ConvertAll(listeners, listener => ((IPEndPoint)listener.LocalEndpoint).Port);
        foreach (var listener in listeners) listener.Dispose();
        return new AzuritePorts(ports[0], ports[1], ports[2]);
    }

    /// <summary>The ports of these that another program has taken.</summary>
    public IEnumerable<int> Taken() => new[] { Blob, Queue, Table }.Where(port => !IsFree(port));

    /// <summary>Whether a program may listen on a loopback port.</summary>
    public static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
