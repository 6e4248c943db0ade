"""What every sector shares: places, offices, people, companies, the calendar, and the registers that hold them."""
