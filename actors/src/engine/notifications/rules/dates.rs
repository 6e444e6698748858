//! Dates and times in words, as natives of each language write them, in the zone
//! of the place: nobody should have to know what UTC is.

use jiff::Zoned;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use zelador_store::Timestamp;

use super::tongue::Tongue;

const DAYS: [[&str; 7]; 3] = [
    [
        "segunda-feira",
        "terça-feira",
        "quarta-feira",
        "quinta-feira",
        "sexta-feira",
        "sábado",
        "domingo",
    ],
    ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"],
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
];

const MONTHS: [[&str; 12]; 3] = [
    [
        "janeiro",
        "fevereiro",
        "março",
        "abril",
        "maio",
        "junho",
        "julho",
        "agosto",
        "setembro",
        "outubro",
        "novembro",
        "dezembro",
    ],
    [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
    [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
];

/// Cities of zones whose names people write otherwise than the database does:
/// in Portuguese, Spanish and English.
const CITIES: &[(&str, [&str; 3])] = &[
    ("Sao_Paulo", ["São Paulo"; 3]),
    ("Belem", ["Belém"; 3]),
    ("Cuiaba", ["Cuiabá"; 3]),
    ("Maceio", ["Maceió"; 3]),
    ("Araguaina", ["Araguaína"; 3]),
    ("Santarem", ["Santarém"; 3]),
    ("Eirunepe", ["Eirunepé"; 3]),
    ("Noronha", ["Fernando de Noronha"; 3]),
    ("Bogota", ["Bogotá"; 3]),
    ("Asuncion", ["Assunção", "Asunción", "Asunción"]),
    ("Montevideo", ["Montevidéu", "Montevideo", "Montevideo"]),
    ("Mexico_City", ["Cidade do México", "Ciudad de México", "Mexico City"]),
    ("Panama", ["Panamá", "Panamá", "Panama"]),
    ("Cancun", ["Cancún", "Cancún", "Cancún"]),
    ("Merida", ["Mérida", "Mérida", "Mérida"]),
    ("Mazatlan", ["Mazatlán", "Mazatlán", "Mazatlán"]),
    ("Cordoba", ["Córdoba"; 3]),
    ("Tucuman", ["Tucumán"; 3]),
    ("Havana", ["Havana", "La Habana", "Havana"]),
    ("Costa_Rica", ["Costa Rica"; 3]),
    ("New_York", ["Nova York", "Nueva York", "New York"]),
    ("Lisbon", ["Lisboa", "Lisboa", "Lisbon"]),
    ("London", ["Londres", "Londres", "London"]),
];

/// Where people are, and what they speak.
#[derive(Debug, Clone)]
pub struct Words<'a> {
    /// The language.
    pub tongue: Tongue,
    /// The zone.
    pub zone: &'a TimeZone,
    /// Its IANA name.
    pub zone_name: &'a str,
}

impl Words<'_> {
    /// `quinta-feira, 26 de novembro de 2026`.
    pub fn day(&self, at: Timestamp) -> String {
        self.date(self.local(at).date())
    }

    /// `14:00`.
    pub fn time(&self, at: Timestamp) -> String {
        clock(self.local(at).time())
    }

    /// `quinta-feira, 26 de novembro de 2026, às 14:00 (horário de São Paulo)`.
    pub fn moment(&self, at: Timestamp) -> String {
        format!("{} ({})", self.bare(at), self.place())
    }

    /// The same with its end, which is most often on the same day.
    pub fn span(&self, start: Timestamp, end: Timestamp) -> String {
        let (from, to) = (self.local(start), self.local(end));
        if from.date() != to.date() {
            let joint = self.tongue.pick(["até", "hasta el", "to"]);
            return format!("{} {joint} {} ({})", self.bare(start), self.bare(end), self.place());
        }
        let (first, last) = (from.time(), to.time());
        let hours = match self.tongue {
            Tongue::Portuguese => {
                let of = if first.hour() == 1 { "da" } else { "das" };
                format!("{of} {} {} {}", clock(first), crasis(last), clock(last))
            }
            Tongue::Spanish => format!("de {} a {}", clock(first), clock(last)),
            Tongue::English => format!("{} to {}", clock(first), clock(last)),
        };
        format!("{}, {hours} ({})", self.date(from.date()), self.place())
    }

    /// `26/11 14:00`: for a line that must be short.
    pub fn brief(&self, at: Timestamp) -> String {
        let local = self.local(at);
        let (day, month) = (local.day(), local.month());
        let month_name =
            MONTHS.get(self.number()).and_then(|all| all.get(usize::from(index(month))));
        match self.tongue {
            Tongue::Portuguese | Tongue::Spanish => {
                format!("{day:02}/{month:02} {}", clock(local.time()))
            }
            Tongue::English => {
                let name: String = month_name.map_or("", |name| name).chars().take(3).collect();
                format!("{day} {name} {}", clock(local.time()))
            }
        }
    }

    fn bare(&self, at: Timestamp) -> String {
        let local = self.local(at);
        let (date, time) = (self.date(local.date()), local.time());
        match self.tongue {
            Tongue::Portuguese => format!("{date}, {} {}", crasis(time), clock(time)),
            Tongue::Spanish => {
                let article = if time.hour() == 1 { "a la" } else { "a las" };
                format!("{date}, {article} {}", clock(time))
            }
            Tongue::English => format!("{date} at {}", clock(time)),
        }
    }

    fn date(&self, date: Date) -> String {
        let language = self.number();
        let weekday = usize::from(index(date.weekday().to_monday_one_offset()));
        let day =
            DAYS.get(language).and_then(|days| days.get(weekday)).copied().unwrap_or_default();
        let month = usize::from(index(date.month()));
        let month =
            MONTHS.get(language).and_then(|all| all.get(month)).copied().unwrap_or_default();
        let (number, year) = (date.day(), date.year());
        match self.tongue {
            Tongue::Portuguese => {
                let number = if number == 1 { "1º".to_owned() } else { number.to_string() };
                format!("{day}, {number} de {month} de {year}")
            }
            Tongue::Spanish => format!("{day} {number} de {month} de {year}"),
            Tongue::English => format!("{day}, {number} {month} {year}"),
        }
    }

    /// `horário de São Paulo`.
    fn place(&self) -> String {
        let Some((_, city)) = self.zone_name.rsplit_once('/') else {
            return self.zone_name.to_owned();
        };
        if self.zone_name.starts_with("Etc/") {
            return city.to_owned();
        }
        let known = CITIES.iter().find(|(name, _)| *name == city);
        let city = match known {
            Some((_, names)) => self.tongue.pick(*names).to_owned(),
            None => city.replace('_', " "),
        };
        match self.tongue {
            Tongue::Portuguese => format!("horário de {city}"),
            Tongue::Spanish => format!("hora de {city}"),
            Tongue::English => format!("{city} time"),
        }
    }

    fn local(&self, at: Timestamp) -> Zoned {
        at.to_jiff().to_zoned(self.zone.clone())
    }

    const fn number(&self) -> usize {
        match self.tongue {
            Tongue::Portuguese => 0,
            Tongue::Spanish => 1,
            Tongue::English => 2,
        }
    }
}

/// A number of the calendar, from 1, as a place in a list.
fn index(number: i8) -> u8 {
    u8::try_from(number).unwrap_or(1).saturating_sub(1)
}

/// `à 1:00`, `às 14:00`.
fn crasis(time: Time) -> &'static str {
    if time.hour() == 1 { "à" } else { "às" }
}

fn clock(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}
