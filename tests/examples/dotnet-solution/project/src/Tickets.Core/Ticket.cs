namespace Tickets.Core;

public record Ticket(int Number)
{
    public string Label => $"T-{Number:D4}";
}
