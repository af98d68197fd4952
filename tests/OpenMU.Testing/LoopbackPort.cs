using System.Net;
using System.Net.Sockets;

namespace OpenMU.Testing;

/// <summary>A port for a program that has to be told one.</summary>
public static class LoopbackPort
{
    /// <summary>One that nobody listens on at this moment.</summary>
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
