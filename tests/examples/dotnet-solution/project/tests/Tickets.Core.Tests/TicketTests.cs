using Tickets.Core;
using Xunit;

public class TicketTests
{
    [Fact]
    public void Label_is_padded() => Assert.Equal("T-0007", new Ticket(7).Label);
}
