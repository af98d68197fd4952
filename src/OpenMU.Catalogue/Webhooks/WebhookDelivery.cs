using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Webhooks;

/// <summary>One event on its way to one endpoint.</summary>
public sealed class WebhookDelivery
{
    /// <summary>What is kept of an answer's text, in UTF-16 units.</summary>
    public const int MaxAnswerLength = 200;

    /// <summary>The index of those that are due.</summary>
    internal const string DueIndex = "IX_WebhookDeliveries_Due";

    /// <summary>The index that finds what is to be delivered before.</summary>
    internal const string OrderIndex = "IX_WebhookDeliveries_Order";

    /// <summary>Raised in the order in which the events of one subject happened.</summary>
    public long Id { get; set; }

    public required string Tenant { get; set; }

    public long EndpointId { get; set; }

    [JsonIgnore]
    public WebhookEndpoint Endpoint { get; set; } = null!;

    public long EventId { get; set; }

    [JsonIgnore]
    public WebhookEvent Event { get; set; } = null!;

    /// <summary>As the event's.</summary>
    public required string Type { get; set; }

    /// <summary>As the event's.</summary>
    public required string Subject { get; set; }

    /// <summary>As the event's time (UTC).</summary>
    public DateTime CreatedAt { get; set; }

    public WebhookDeliveryState State { get; set; }

    /// <summary>Tries so far, those since the last replay.</summary>
    public int Attempts { get; set; }

    /// <summary>When it is to be tried (UTC); while it is tried, when it may be by others.</summary>
    public DateTime DueAt { get; set; }

    /// <summary>Raised by every claim: only who has the latest may note what came of it.</summary>
    public long Fence { get; set; }

    /// <summary>When it was tried last (UTC).</summary>
    public DateTime? TriedAt { get; set; }

    /// <summary>The status of the last answer; null where none came.</summary>
    public int? Status { get; set; }

    /// <summary>The beginning of the last answer, or why none came.</summary>
    public string? Answer { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<WebhookDelivery>
    {
        private const string Pending = $"State = '{nameof(WebhookDeliveryState.Pending)}'";

        public void Configure(EntityTypeBuilder<WebhookDelivery> delivery)
        {
            delivery.ToTable("WebhookDeliveries");
            delivery.Property(d => d.Tenant).HasMaxLength(TrackBlob.MaxTenantLength);
            delivery.Property(d => d.Type).HasMaxLength(32).IsUnicode(false);
            delivery.Property(d => d.Subject).HasMaxLength(80);
            delivery.Property(d => d.State).HasConversion<string>().HasMaxLength(16);
            delivery.Property(d => d.Answer).HasMaxLength(MaxAnswerLength);
            delivery.HasOne(d => d.Endpoint).WithMany().HasForeignKey(d => d.EndpointId);
            delivery.HasOne(d => d.Event).WithMany().HasForeignKey(d => d.EventId);
            delivery.HasIndex(d => new { d.EndpointId, d.DueAt }, DueIndex).HasFilter(Pending);
            delivery.HasIndex(d => new { d.EndpointId, d.Subject, d.Id }, OrderIndex).HasFilter(Pending);
            delivery.HasIndex(d => new { d.EndpointId, d.State, d.Id });
            delivery.HasIndex(d => new { d.EndpointId, d.CreatedAt });
        }
    }
}

/// <summary>Where a delivery stands.</summary>
public enum WebhookDeliveryState
{
    /// <summary>It is to be tried, for the first time or again.</summary>
    Pending,

    /// <summary>The receiver has said that it has it.</summary>
    Delivered,

    /// <summary>All tries have failed: it is not tried again unless somebody asks for that.</summary>
    Dead,
}
