"""Northwind Outfitters, a shop for outdoor gear whose people work from everywhere."""

from datetime import time

from pages.sample import (
    AddPolicy,
    AddRole,
    AmendPolicy,
    AmendRole,
    Announced,
    Calendar,
    Domain,
    Elected,
    Election,
    Filling,
    Leave,
    Led,
    Linked,
    Meeting,
    Nomination,
    Organization,
    Person,
    Policy,
    Proposal,
    Question,
    RemovePolicy,
    RemoveRole,
    Role,
    Tension,
)

PEOPLE = (
    Person("anouk", "Anouk Girard", "Europe/Paris"),
    Person("aroha", "Aroha Tamihana", "Pacific/Auckland"),
    Person("arjun", "Arjun Nair", "Asia/Kolkata"),
    Person("beatriz", "Beatriz Tavares", "Europe/Lisbon"),
    Person("bilal", "Bilal Rahman", "Asia/Dhaka"),
    Person("callum", "Callum Birch", "America/Halifax"),
    Person("chiara", "Chiara Bellini", "Europe/Rome"),
    Person("dag", "Dag Solberg", "Europe/Oslo"),
    Person("elena", "Elena Petrova", "Europe/Sofia"),
    Person("ewan", "Ewan Muir", "Europe/London"),
    Person("femke", "Femke Visser", "Europe/Amsterdam"),
    Person("greta", "Greta Nyberg", "Europe/Helsinki", partner=False),
    Person("hana", "Hana Mori", "Asia/Tokyo"),
    Person("harriet", "Harriet Lowe", "Europe/London"),
    Person("ines", "Ines Calloway", "Europe/Dublin"),
    Person("ingrid", "Ingrid Dahl", "Europe/Copenhagen"),
    Person("jonah", "Jonah Abebe", "Africa/Addis_Ababa"),
    Person("kwame", "Kwame Asante", "Africa/Accra"),
    Person("lea", "Lea Brandt", "Europe/Berlin"),
    Person("linh", "Linh Tran", "Asia/Ho_Chi_Minh"),
    Person("lucia", "Lucía Ferrer", "Europe/Madrid"),
    Person("maren", "Maren Thorsen", "Europe/Oslo"),
    Person("mateo", "Mateo Quispe", "America/Lima"),
    Person("maya", "Maya Lindqvist", "Europe/Stockholm", admin=True),
    Person("noor", "Noor Haddad", "Asia/Amman"),
    Person("oskar", "Oskar Nowicki", "Europe/Warsaw", admin=True),
    Person("pavel", "Pavel Horák", "Europe/Prague"),
    Person("piet", "Piet de Boer", "Europe/Amsterdam", partner=False),
    Person("priya", "Priya Venkat", "Asia/Kolkata"),
    Person("rosa", "Rosa Delgado", "America/Mexico_City"),
    Person("ruth", "Ruth Adeyemi", "Africa/Lagos"),
    Person("samira", "Samira Osei", "Africa/Accra"),
    Person("sigrun", "Sigrún Jónsdóttir", "Atlantic/Reykjavik"),
    Person("thandi", "Thandi Mokoena", "Africa/Johannesburg"),
    Person("tobias", "Tobias Renner", "Europe/Vienna"),
    Person("tomas", "Tomás Oliveira", "America/Sao_Paulo"),
    Person("wen", "Wen Zhao", "America/Vancouver"),
    Person("yusuf", "Yusuf Kaplan", "Europe/Istanbul"),
)

CAMPAIGNS = Role(
    "campaigns",
    "Campaigns",
    "Seasons open on time and close without a trace.",
    (
        "Running seasonal campaigns from the first idea to the last banner taken down",
        "Telling the rest of Storefront what each season will ask of it",
        "Looking back on every season and writing down what to do otherwise",
    ),
    (Domain("Campaign pages", within="Shop pages"),),
    (
        Policy(
            "campaigns.ask_before_close",
            "Ask before a season closes",
            "No campaign page is taken down before every role that contributed to it has said yes.",
            ("constraint",),
        ),
    ),
    (Filling("priya"),),
    roles=(
        Role(
            "campaigns.planner",
            "Campaign Planner",
            "Everyone knows which season is next, and what it is about.",
            (
                "Keeping the calendar of seasons for the next twelve months",
                "Writing a one-page brief for each campaign",
                "Agreeing dates with the roles that contribute to a campaign",
                "Measuring what a campaign brought against its brief",
            ),
            filled_by=(Filling("callum"),),
        ),
        Role(
            "campaigns.landing_pages",
            "Landing Pages",
            "Whoever follows a link lands where they hoped to.",
            (
                "Building the landing page of each campaign",
                "Testing every link in a campaign before it opens",
                "Redirecting old campaign addresses to something useful",
            ),
            (Domain("Landing page templates", within="Campaign pages"),),
            filled_by=(Filling("lea"),),
        ),
        Role(
            "campaigns.launch_checklist",
            "Launch Checklist",
            "Nothing is forgotten on the day it matters.",
            (
                "Keeping the list of what must be true before a season opens",
                "Walking through the list with the roles it names, two days ahead",
                "Halting a launch that misses something that cannot be repaired later",
            ),
            filled_by=(Filling("ingrid"),),
        ),
        Role(
            "campaigns.season_closer",
            "Season Closer",
            "Last season leaves nothing behind but what we learned.",
            (
                "Taking down campaign texts, pictures and prices on the day a season ends",
                "Handing what is left of a range to Outlet Shelf",
                "Archiving the material of a campaign where the next one finds it",
            ),
        ),
        Role(
            "campaigns.outlet_shelf",
            "Outlet Shelf",
            "Every piece finds somebody who will wear it.",
            (
                "Presenting remaining pieces honestly, with the reason they are left",
                "Proposing markdowns to Merchandiser",
                "Grouping single sizes so that people can find theirs",
            ),
            (Domain("Outlet page", within="Campaign pages"),),
            filled_by=(Filling("chiara"),),
        ),
    ),
    rep=Elected("callum", 171),
    facilitator=Elected("lea", 96),
    secretary=Elected("ingrid", 96),
    strategy="Fewer seasons and longer ones, even if the calendar looks empty in between.",
)

STOREFRONT = Role(
    "storefront",
    "Storefront",
    "People find the right gear the first time, and know why it is right.",
    (
        "Presenting products so that people can choose well",
        "Keeping the shop’s words, pictures and sizes true",
        "Running seasonal launches",
    ),
    (Domain("Shop pages"),),
    (
        Policy(
            "storefront.plain_errors",
            "Whoever finds a plain error corrects it",
            "Any role may correct a plain error on a shop page: spelling, links and measures. Prices are not"
            " included; tell Merchandiser instead. The correction is mentioned to the role whose text it is.",
            ("grant",),
        ),
        Policy(
            "storefront.time_limit",
            "Two days more for whoever is away",
            "In Storefront, too, there are three working days to answer. If somebody who is asked is away or"
            " has not seen a proposal by then, everybody has two more, once.",
            ("default",),
            effect={"kind": "time_limit", "working_days": 3, "extension_days": 2},
        ),
    ),
    (Filling("ines"),),
    roles=(
        CAMPAIGNS,
        Role(
            "storefront.catalogue_steward",
            "Catalogue Steward",
            "Every product described once, correctly, in one place.",
            (
                "Keeping sizes, weights and materials of every product true",
                "Giving each product its catalogue number before samples travel",
                "Withdrawing products from the shop when they can no longer be had",
                "Answering other roles’ questions about product data",
                "Checking new entries against the makers’ data sheets",
            ),
            (Domain("Product data", within="Shop pages"),),
            filled_by=(Filling("tobias"),),
        ),
        Role(
            "storefront.checkout_experience",
            "Checkout Experience",
            "Nobody gives up between basket and thank-you.",
            (
                "Designing the way from basket to thank-you",
                "Watching where people give up, and finding out why",
                "Wording delivery times and costs so that nobody is surprised",
                "Trying changes with a handful of customers before everyone sees them",
            ),
            (Domain("Basket and checkout pages", within="Shop pages"),),
            filled_by=(Filling("noor"),),
        ),
        Role(
            "storefront.content_strategist",
            "Content Strategist",
            "What we say, where and when, adds up to one voice.",
            (
                "Deciding which stories are told, where, and in which order",
                "Publishing an editorial calendar for the coming week",
                "Retiring pages that no longer help anybody",
                "Bringing together roles whose texts contradict each other",
                "Reviewing once a season what was read and what was not",
            ),
            (Domain("Editorial calendar", internal=True),),
            filled_by=(Filling("maya"),),
        ),
        Role(
            "storefront.copywriter",
            "Copywriter & Storyteller",
            "Words that make people want to go outside.",
            (
                "Writing product and campaign copy",
                "Finding and telling the stories of makers, menders and users",
                "Keeping the voice guide short and current",
                "Coaching other roles who write for the shop, on request",
                "Approving texts before they are published",
            ),
            (Domain("Voice guide", internal=True),),
            (
                Policy(
                    "storefront.copywriter.voice_guide",
                    "The voice guide is open to read and quote",
                    "Any role may use the voice guide and quote it. Changes to it are announced three working"
                    " days ahead.",
                    ("domain",),
                    domain="Voice guide",
                ),
                Policy(
                    "storefront.copywriter.sources",
                    "No claims without a source",
                    "A story that states a fact about material, size, origin or repair names where it comes"
                    " from in the catalogue.",
                    ("constraint",),
                ),
            ),
            (Filling("maya", "Product stories"), Filling("priya", "Seasonal campaigns")),
        ),
        Role(
            "storefront.merchandiser",
            "Merchandiser",
            "The right range in front of the right people at the right moment.",
            (
                "Choosing which products stand where in the shop",
                "Setting prices",
                "Launching ranges on the agreed date",
                "Clearing a range before its season ends",
                "Replacing product copy for seasonal campaigns",
                "Telling Stock Planner which products will be in front next month",
            ),
            (Domain("Prices on shop pages", within="Shop pages"),),
            filled_by=(Filling("priya"),),
        ),
        Role(
            "storefront.photo_desk",
            "Photo Desk",
            "Pictures that show how gear is used.",
            (
                "Photographing every product on a person, outdoors",
                "Naming pictures so that others find them",
                "Sending samples on to Repairs Workshop",
                "Keeping raw files for ever",
            ),
            (Domain("Picture library", internal=True),),
            filled_by=(Filling("samira"), Filling("greta", "Studio days")),
        ),
        Role(
            "storefront.reviews_listener",
            "Reviews Listener",
            "What customers write changes what we make and say.",
            (
                "Reading every review within a week",
                "Answering reviews that ask something or are unfair to others",
                "Passing on what several people say about the same thing",
            ),
            filled_by=(Filling("hana"),),
        ),
        Role(
            "storefront.seo_gardener",
            "SEO Gardener",
            "People who search for what we make find us.",
            (
                "Finding out which words people search our kind of gear by",
                "Telling those who write which words a page must keep",
                "Weeding out pages that compete with each other",
                "Watching visits from search and saying early when they fall",
            ),
            (Domain("Page titles and descriptions for search engines", within="Shop pages"),),
            filled_by=(Filling("hana"),),
        ),
    ),
    rep=Elected("maya", 202),
    facilitator=Elected("noor", 19),
    secretary=Elected("tobias", 202),
    strategy="Fewer pages, each one finished, even if a range goes live a week later.",
)

SUPPORT = Role(
    "support",
    "Support",
    "A good answer the same day, wherever the sun is up.",
    (
        "Answering customers’ questions by mail, chat and telephone",
        "Following a question until the customer says it is settled",
        "Telling other circles what customers keep asking",
    ),
    (Domain("Support inbox", within="Customer conversations"),),
    filled_by=(Filling("wen"),),
    roles=(
        Role(
            "support.technical_support",
            "Technical Support",
            "Whoever bought it can use it.",
            (
                "Explaining how gear is set up, cared for and mended",
                "Solving trouble with the shop, accounts and payments",
                "Trying out what a customer describes before answering",
                "Writing down answers that took more than an hour to find",
                "Passing faults in software to Platform with the steps that show them",
            ),
            filled_by=(Filling("wen", "Gear and care"), Filling("linh", "Shop and accounts")),
        ),
        Role(
            "support.rota",
            "Support Rota",
            "Somebody awake is always there, and nobody is there always.",
            (
                "Planning who answers when, four weeks ahead",
                "Finding a stand-in when somebody falls ill",
                "Balancing weekends and nights fairly over the year",
            ),
            (Domain("Support rota", internal=True),),
            filled_by=(Filling("jonah"),),
        ),
        Role(
            "support.chat_host",
            "Chat Host",
            "A short question gets a short, kind answer.",
            (
                "Answering the chat while it is open",
                "Turning long chats into mails before patience ends",
                "Keeping ready-made answers from sounding ready-made",
            ),
            filled_by=(Filling("mateo"),),
        ),
        Role(
            "support.known_issues",
            "Known Issues",
            "Nobody has to find the same fault twice.",
            (
                "Keeping a list of faults in products and in the shop, with what helps meanwhile",
                "Asking the roles that can mend a fault how far they are",
                "Telling affected customers when a fault is mended",
            ),
            (Domain("List of known issues", within="Support inbox"),),
            filled_by=(Filling("arjun"),),
        ),
        Role(
            "support.order_detective",
            "Order Detective",
            "Every parcel can be found.",
            (
                "Tracing orders that customers miss",
                "Deciding whether to wait, search or send anew",
                "Reporting patterns of loss to Carrier Steward",
            ),
            filled_by=(Filling("rosa"),),
        ),
        Role(
            "support.translation_aid",
            "Translation Aid",
            "People may write to us in the language they dream in.",
            (
                "Helping others to answer in languages they do not write",
                "Keeping a glossary of gear words in six languages",
                "Proofreading translated help articles",
            ),
            filled_by=(Filling("elena"),),
        ),
    ),
    rep=Elected("jonah", 140),
    facilitator=Elected("rosa", 140),
    secretary=Elected("mateo", 140),
    strategy="Take time over the first answer, even if the queue grows for a day.",
)

REPAIRS = Role(
    "repairs",
    "Repairs Workshop",
    "Nothing is thrown away that a needle can save.",
    (
        "Repairing gear that customers send in",
        "Teaching people to mend",
        "Telling makers what breaks, and where",
    ),
    (Domain("Workshop and its tools", within="Repairs and claims"),),
    filled_by=(Filling("jonah"),),
    roles=(
        Role(
            "repairs.zip_surgeon",
            "Zip Surgeon",
            "Every zip closes again.",
            (
                "Replacing zips, sliders and pulls",
                "Noting batch and maker of zips that fail",
                "Trying out repairs that customers can do at home",
            ),
            filled_by=(Filling("aroha"), Filling("piet", "Tents and heavy zips")),
        ),
        Role(
            "repairs.down_and_wool",
            "Down & Wool",
            "Warm things stay warm for a second life.",
            (
                "Washing and refilling down",
                "Darning wool so that it may be seen",
                "Advising customers on care",
            ),
            filled_by=(Filling("samira"),),
        ),
        Role(
            "repairs.spare_parts",
            "Spare Parts Keeper",
            "The part is there when the mender needs it.",
            (
                "Stocking buckles, zips, poles and fabrics for ten years back",
                "Selling spare parts to people who mend themselves",
                "Saving usable parts from gear beyond repair",
            ),
            (Domain("Spare parts shelf", within="Workshop and its tools"),),
            filled_by=(Filling("kwame"),),
        ),
        Role(
            "repairs.booking",
            "Repair Booking",
            "Every repair has a date the customer knows.",
            (
                "Telling customers what a repair costs and how long it takes",
                "Distributing repairs over the week",
                "Sending word when a repair takes longer",
            ),
            filled_by=(Filling("thandi"),),
        ),
        Role(
            "repairs.safety",
            "Workshop Safety",
            "Everyone goes home with ten fingers.",
            (
                "Checking machines, solvents and lamps every quarter",
                "Showing newcomers how to work safely",
            ),
        ),
    ),
    rep=Elected("samira", 118),
    facilitator=Elected("aroha", 118),
    secretary=Elected("kwame", 118),
    strategy="Mend what we sold first, even if other brands pay better.",
)

CUSTOMER_LOVE = Role(
    "customer_love",
    "Customer Love",
    "Every customer feels looked after, before and long after the sale.",
    (
        "Advising people before they buy",
        "Making good what went wrong",
        "Bringing customers’ voices to those who decide",
        "Running the help centre",
    ),
    (Domain("Customer conversations"), Domain("Help centre"), Domain("Repairs and claims")),
    (
        Policy(
            "customer_love.goodwill",
            "Goodwill without asking",
            "Any role that talks with customers may give goodwill of up to 30 € per case without asking. It"
            " is noted in the order, with a sentence on why.",
            ("grant",),
        ),
    ),
    (Filling("lucia"),),
    roles=(
        SUPPORT,
        REPAIRS,
        Role(
            "customer_love.sales_manager",
            "Sales Manager",
            "Clubs, guides and companies get the gear they need, and no more.",
            (
                "Advising clubs, guides and companies on larger orders",
                "Making offers and following them up",
                "Agreeing payment terms within the limits set by Bookkeeping",
                "Forecasting larger orders for Stock Planner",
                "Ending talks with buyers who want what we do not stand for",
            ),
            (Domain("Offers to business customers", within="Customer conversations"),),
            filled_by=(Filling("callum"),),
        ),
        Role(
            "customer_love.help_centre_author",
            "Help Centre Author",
            "People find the answer before they need to ask.",
            (
                "Writing help articles, with pictures where words do not do",
                "Reading unanswered help searches every week",
                "Maintaining size advice",
                "Rereading the oldest article every month",
            ),
            (Domain("Help articles", within="Help centre"),),
            filled_by=(Filling("maya"),),
        ),
        Role(
            "customer_love.voice",
            "Voice of the Customer",
            "Nobody here decides about people they have never heard.",
            (
                "Listening to ten customer calls a week",
                "Asking customers after a sale, a return and a repair how it was",
                "Telling what customers say in words they would recognise",
                "Inviting customers to meet the roles that work for them",
            ),
            filled_by=(Filling("lucia"),),
        ),
        Role(
            "customer_love.goodwill_desk",
            "Goodwill Desk",
            "What we did wrong, we make more than right.",
            (
                "Deciding on goodwill beyond what every role may give",
                "Answering goodwill requests within two days",
                "Summing up each month what goodwill was given for",
            ),
            filled_by=(Filling("wen"),),
        ),
        Role(
            "customer_love.warranty_steward",
            "Warranty Steward",
            "A promise of ten years is kept for ten years.",
            (
                "Deciding on warranty claims",
                "Answering claims within the week",
                "Telling Quality Bench what fails, by batch",
                "Keeping the wording of the warranty true to what we do",
            ),
            filled_by=(Filling("jonah"),),
        ),
        Role(
            "customer_love.community_host",
            "Community Host",
            "People who love the outdoors find each other.",
            (
                "Greeting new members of the community",
                "Hosting talks, walks and mending evenings online",
                "Keeping the tone friendly, and asking those to leave who will not",
            ),
            (Domain("Community forum", within="Customer conversations"),),
            filled_by=(Filling("hana"),),
        ),
        Role(
            "customer_love.complaint_mediator",
            "Complaint Mediator",
            "Even a quarrel ends decently.",
            (
                "Hearing both sides when a customer and a role cannot agree",
                "Proposing a way out that both can live with",
                "Naming causes of quarrels to the roles that can end them",
            ),
        ),
    ),
    rep=Elected("wen", 155),
    facilitator=Elected("callum", 155),
    secretary=Elected("maya", 63),
    strategy="Answer the person before the question, even if it takes longer.",
)

MAKERS = Role(
    "makers",
    "Makers",
    "Fair mills, known by name, that want to work with us again.",
    (
        "Finding makers and mills, and staying with them",
        "Having samples and series made as agreed",
        "Knowing where every material comes from",
    ),
    (Domain("Agreements with makers", within="Agreements with suppliers"),),
    (
        Policy(
            "makers.two_mills",
            "Two mills for every core fabric",
            "A fabric used in more than five products is bought from two mills at least. Whoever plans a"
            " sixth product with a fabric from one mill talks to Sourcing first.",
            ("constraint",),
        ),
    ),
    (Filling("samira"),),
    roles=(
        Role(
            "makers.sourcing",
            "Sourcing",
            "We know who made it, and they know us.",
            (
                "Finding mills and workshops that fit us",
                "Visiting every maker once a year, or sending somebody who knows the trade",
                "Ordering series at the agreed price and date",
                "Ending work with makers who treat people badly",
                "Warning Stock Planner early of late deliveries",
            ),
            (Domain("Choice of makers", within="Agreements with makers"),),
            filled_by=(Filling("samira", "Mills and fabrics"), Filling("anouk", "Trims and hardware")),
        ),
        Role(
            "makers.fabric_library",
            "Fabric Library",
            "Every fabric we ever touched can be touched again.",
            (
                "Collecting swatches with their test results",
                "Suggesting fabrics for new products",
                "Lending swatches to other circles",
            ),
            filled_by=(Filling("priya"),),
        ),
        Role(
            "makers.quality_bench",
            "Quality Bench",
            "It holds.",
            (
                "Testing samples and spot-checking series",
                "Refusing series that fall short of the sample",
                "Turning what comes back from customers into tests",
                "Publishing test results inside the organization",
            ),
            (Domain("Test methods", internal=True),),
            filled_by=(Filling("bilal"),),
        ),
        Role(
            "makers.price_agreements",
            "Price Agreements",
            "A price both sides would sign again.",
            (
                "Negotiating prices and payment dates with makers",
                "Checking that a price leaves room for decent wages",
                "Recording agreements where Bookkeeping finds them",
            ),
            filled_by=(Filling("anouk"),),
        ),
        Role(
            "makers.material_passport",
            "Material Passport",
            "Each product can say what it is made of, and by whom.",
            (
                "Collecting proofs of origin from makers",
                "Writing the passport that travels with each product",
                "Refusing claims for which there is no proof",
            ),
        ),
        Role(
            "makers.sample_room",
            "Sample Room",
            "The right sample is where it is needed.",
            (
                "Measuring samples in every size",
                "Keeping the list of samples and where they are",
                "Sending samples to Photo Desk and Quality Bench",
            ),
            (Domain("Samples", internal=True),),
            filled_by=(Filling("priya"),),
        ),
    ),
    rep=Elected("bilal", 88),
    facilitator=Elected("anouk", 88),
    secretary=Elected("priya", 88),
    strategy="Makers we can reach by train, even if their price is higher.",
)

FULFILMENT = Role(
    "fulfilment",
    "Fulfilment",
    "The right parcel, on time, with as little waste as possible.",
    (
        "Having enough of everything, and not too much",
        "Bringing parcels to customers and returns back",
        "Getting gear made",
    ),
    (Domain("Stock and warehouses"), Domain("Delivery and returns"), Domain("Agreements with suppliers")),
    filled_by=(Filling("beatriz"),),
    roles=(
        MAKERS,
        Role(
            "fulfilment.stock_planner",
            "Stock Planner",
            "What people want is there; what they do not want was never ordered.",
            (
                "Forecasting sales per product and size",
                "Ordering from Makers in time for each season",
                "Shifting stock between the two warehouses",
                "Telling Merchandiser what is running out or lying still",
                "Counting stock twice a year",
            ),
            (Domain("Stock levels", within="Stock and warehouses"),),
            filled_by=(Filling("yusuf"),),
        ),
        Role(
            "fulfilment.warehouse_liaison",
            "Warehouse Liaison",
            "The people who pack for us know what for.",
            (
                "Talking to both warehouses every morning",
                "Announcing launches and sales to them a week ahead",
                "Settling what went wrong in picking and packing",
                "Visiting each warehouse once a quarter",
            ),
            filled_by=(Filling("pavel"),),
        ),
        Role(
            "fulfilment.carrier_steward",
            "Carrier Steward",
            "Parcels arrive when we said they would.",
            (
                "Choosing carriers by country, speed and footprint",
                "Negotiating rates and pick-up times",
                "Publishing honest delivery times for every country",
                "Claiming compensation for lost and damaged parcels",
            ),
            (Domain("Choice of carriers", within="Delivery and returns"),),
            filled_by=(Filling("femke"),),
        ),
        Role(
            "fulfilment.returns_flow",
            "Returns Flow",
            "Sending back is as easy as ordering, and seldom needed.",
            (
                "Designing how customers send things back",
                "Refunding within three days of arrival",
                "Sorting returns into stock, workshop and outlet",
                "Asking why, and passing the answers on",
            ),
            (Domain("Returns portal", within="Delivery and returns"),),
            filled_by=(Filling("jonah"),),
        ),
        Role(
            "fulfilment.packaging",
            "Packaging",
            "A box worth keeping, or none at all.",
            (
                "Choosing boxes, bags and tape",
                "Cutting down what a parcel weighs and wastes",
                "Testing that things arrive whole",
            ),
            filled_by=(Filling("sigrun"),),
        ),
        Role(
            "fulfilment.customs",
            "Customs & Duties",
            "Nobody pays at the door what we did not tell them.",
            (
                "Classifying products for customs",
                "Keeping papers for every country we send to",
                "Explaining duties to customers and to Checkout Experience",
            ),
            filled_by=(Filling("tomas"),),
        ),
        Role(
            "fulfilment.peak_crew",
            "Peak Season Crew",
            "December is busy, not frantic.",
            (
                "Planning helping hands for the weeks before the holidays",
                "Preparing what helpers need to know on one page",
                "Thanking helpers in a way they remember",
            ),
        ),
    ),
    rep=Elected("femke", 130),
    facilitator=Elected("yusuf", 130),
    secretary=Elected("pavel", 130),
    strategy="Slower and greener by default, even if some customers leave for next-day delivery.",
)

GROWTH = Role(
    "growth",
    "Growth",
    "The people who would love us get to know us.",
    (
        "Making Northwind known where it belongs",
        "Finding out what works, and stopping what does not",
        "Writing to people who asked us to",
    ),
    (Domain("Newsletter and advertising"), Domain("Partner and press relations")),
    filled_by=(Filling("hana"),),
    roles=(
        Role(
            "growth.data_analyst",
            "Data Analyst",
            "Numbers that mean the same to everyone.",
            (
                "Answering other roles’ questions with data, and saying how sure the answer is",
                "Publishing a weekly report of visits, sales and returns",
                "Defining metrics so that they are counted one way only",
                "Warning when a number moves more than chance explains",
                "Refusing to measure what would spy on people",
            ),
            (Domain("Metric definitions", internal=True),),
            filled_by=(Filling("jonah", "Visits and sales"), Filling("ewan", "Stock and returns")),
        ),
        Role(
            "growth.newsletter",
            "Newsletter Editor",
            "A letter people open on Sunday morning.",
            (
                "Writing and sending the newsletter every second week",
                "Deciding what goes into it and what does not",
                "Removing addresses that no longer wish to hear from us",
                "Checking prices and links on the day of sending",
            ),
            (Domain("Newsletter", within="Newsletter and advertising"),),
            filled_by=(Filling("lea"),),
        ),
        Role(
            "growth.partnerships",
            "Partnerships",
            "Friends we would choose again.",
            (
                "Finding huts, clubs and guides who share what we care about",
                "Agreeing with them what each side gives",
                "Ending partnerships that have become a habit",
            ),
            filled_by=(Filling("maren"),),
        ),
        Role(
            "growth.paid_reach",
            "Paid Reach",
            "Money spent on being seen comes back.",
            (
                "Placing advertisements within the monthly budget",
                "Comparing what an advertisement cost with what it brought",
                "Keeping advertisements away from places we would be ashamed of",
            ),
            (Domain("Advertising budget", within="Newsletter and advertising"),),
            filled_by=(Filling("harriet"),),
        ),
        Role(
            "growth.trail_stories",
            "Trail Stories",
            "Customers tell it better than we do.",
            (
                "Collecting stories and pictures from customers’ journeys",
                "Asking for leave before anything is shown",
                "Sending a thank-you to everyone whose story is told",
            ),
            filled_by=(Filling("maya"),),
        ),
        Role(
            "growth.wholesale",
            "Wholesale Friends",
            "Small shops are glad to carry us.",
            (
                "Looking after the shops that sell our gear",
                "Choosing new shops, one region at a time",
                "Passing on what shopkeepers hear across the counter",
            ),
            filled_by=(Filling("tomas"),),
        ),
        Role(
            "growth.coupon_desk",
            "Coupon Desk",
            "There is always a code for those who ask.",
            (
                "Creating coupon codes for other roles",
                "Placing codes on coupon sites",
            ),
            filled_by=(Filling("harriet"),),
        ),
        Role(
            "growth.press_desk",
            "Press Desk",
            "Whoever writes about us has the facts.",
            (
                "Answering journalists within a day",
                "Keeping facts and pictures for the press current",
                "Preparing people who are interviewed",
            ),
            (Domain("Press statements", within="Partner and press relations"),),
        ),
    ),
    rep=Elected("ewan", 76),
    facilitator=Elected("lea", 76),
    secretary=Elected("harriet", 76),
    strategy="Being recommended before being seen, even if growth is slower.",
)

PLATFORM = Role(
    "platform",
    "Platform",
    "The tools carry the work and stay out of the way.",
    (
        "Running the shop’s software, day and night",
        "Building what other circles need and cannot buy",
        "Protecting customers’ data",
    ),
    (Domain("Software and servers"),),
    (
        Policy(
            "platform.thursday",
            "No release after Thursday noon",
            "Nothing that customers see is released between Thursday 12:00 and Monday 08:00 Central European"
            " Time, except to repair what is broken.",
            ("constraint",),
        ),
    ),
    (Filling("oskar"),),
    roles=(
        Role(
            "platform.site_reliability",
            "Site Reliability",
            "The shop is open.",
            (
                "Watching the shop and waking somebody when it fails",
                "Practising recovery from backups every quarter",
                "Writing up failures without naming culprits",
                "Buying enough capacity for the busiest day",
            ),
            (Domain("Production servers", within="Software and servers"),),
            filled_by=(Filling("oskar"),),
        ),
        Role(
            "platform.checkout_engineering",
            "Checkout Engineering",
            "Paying just works.",
            (
                "Building basket, payment and order confirmation",
                "Testing every payment method each week",
                "Supporting Checkout Experience in trying things out",
                "Reconciling payments that went astray",
            ),
            filled_by=(Filling("noor"),),
        ),
        Role(
            "platform.search_engineer",
            "Search Engineer",
            "The shop understands what people mean.",
            (
                "Building the shop’s own search",
                "Reading searches that found nothing",
                "Tuning the order of results with Merchandiser",
            ),
            filled_by=(Filling("arjun"),),
        ),
        Role(
            "platform.security",
            "Security Steward",
            "What people entrust to us stays with us.",
            (
                "Closing holes in order of danger",
                "Deciding who may reach which data",
                "Rehearsing what we do when something leaks",
                "Answering people who ask what we know about them",
            ),
            (Domain("Access to customer data", within="Software and servers"),),
            filled_by=(Filling("elena"),),
        ),
        Role(
            "platform.design_system",
            "Design System",
            "Pages look like siblings without being built twice.",
            (
                "Maintaining the parts that pages are built from",
                "Checking them with a keyboard and a screen reader",
                "Advising roles who build pages",
            ),
            filled_by=(Filling("ingrid"),),
        ),
        Role(
            "platform.integrations",
            "Integrations",
            "Nobody types the same thing twice.",
            (
                "Connecting shop, warehouses, carriers and books",
                "Watching the connections and mending them",
                "Describing each connection on a page others understand",
            ),
            filled_by=(Filling("linh"),),
        ),
    ),
    rep=Elected("noor", 109),
    facilitator=Elected("elena", 109),
    secretary=Elected("linh", 109),
    strategy="Boring technology, even if the new one is more fun.",
)

PEOPLE_AND_MONEY = Role(
    "people_and_money",
    "People & Money",
    "Everyone is paid, heard and equipped.",
    (
        "Paying people, bills and taxes on time",
        "Welcoming newcomers and parting well",
        "Knowing how much money there is, and for how long it lasts",
    ),
    (Domain("Company accounts"), Domain("Personnel files")),
    (
        Policy(
            "people_and_money.expenses",
            "Small expenses need no leave",
            "Any role may spend up to 150 € per month for its purpose without announcing it. Receipts reach"
            " Bookkeeping within the month.",
            ("grant",),
        ),
    ),
    (Filling("tobias"),),
    roles=(
        Role(
            "people_and_money.bookkeeping",
            "Bookkeeping",
            "The books tell the truth by the fifth of the month.",
            (
                "Recording what comes in and goes out",
                "Paying bills before they are due",
                "Publishing a one-page summary every month",
                "Filing taxes in the countries we sell to",
            ),
            (Domain("Books", within="Company accounts"),),
            filled_by=(Filling("chiara"),),
        ),
        Role(
            "people_and_money.payroll",
            "Payroll",
            "Pay arrives, wherever home is.",
            (
                "Paying everyone on the last working day",
                "Explaining pay slips in words",
                "Following labour law where our people live",
            ),
            (Domain("Pay data", within="Personnel files"),),
            filled_by=(Filling("tobias"),),
        ),
        Role(
            "people_and_money.onboarding",
            "Onboarding Companion",
            "After a month, newcomers know whom to ask.",
            (
                "Preparing a newcomer’s first week",
                "Pairing each newcomer with somebody from another circle",
                "Asking after thirty days what was missing",
                "Helping people who leave to hand over",
            ),
            filled_by=(Filling("ines"),),
        ),
        Role(
            "people_and_money.recruiting",
            "Recruiting Host",
            "Whoever applies is treated as a guest.",
            (
                "Writing openings with the circles that have them",
                "Answering every application within two weeks",
                "Hosting conversations that both sides learn from",
            ),
            filled_by=(Filling("lucia"),),
        ),
        Role(
            "people_and_money.tools",
            "Tools & Access",
            "On day one, everything opens.",
            (
                "Ordering computers and sending them ahead",
                "Granting and withdrawing access to shared tools",
                "Ending subscriptions that nobody uses",
            ),
            filled_by=(Filling("oskar"),),
        ),
        Role(
            "people_and_money.learning",
            "Learning Budget",
            "Everyone learns something each year that surprises them.",
            (
                "Granting money and time for learning",
                "Collecting what people learned for others to read",
            ),
            (Domain("Learning money", within="Company accounts"),),
        ),
        Role(
            "people_and_money.wellbeing",
            "Well-being",
            "Working alone does not mean being lonely.",
            (
                "Hosting a coffee round for each half of the globe",
                "Listening in confidence to whoever asks",
                "Raising a hand when somebody works too much",
            ),
            filled_by=(Filling("thandi"),),
        ),
    ),
    rep=Elected("lucia", 147),
    facilitator=Elected("chiara", 147),
    secretary=Elected("ines", 147),
    strategy="Simple rules that everyone can repeat, even if some cases come out rough.",
)

ANCHOR = Role(
    "northwind",
    "Northwind Outfitters",
    "People outdoors for longer, in gear they repair and keep.",
    policies=(
        Policy(
            "northwind.anchor_lead",
            "The anchor circle has a lead",
            "Northwind’s anchor circle has a circle lead, so that somebody can assign its roles.",
            ("default",),
            in_sub_circles=False,
            effect={"kind": "anchor_circle_lead"},
        ),
        Policy(
            "northwind.time_limit",
            "Three working days to answer",
            "Whoever is asked about a proposal has three working days to answer. Silence after that is no"
            " objection.",
            ("default",),
            effect={"kind": "time_limit", "working_days": 3},
        ),
        Policy(
            "northwind.election_steps",
            "A week for each step of an election",
            "Each step of an election that is not held in a meeting closes after five working days. Whoever"
            " has said nothing by then is left out of the rest.",
            ("default",),
            effect={"kind": "election_time_limit", "working_days": 5},
        ),
        Policy(
            "northwind.plain_language",
            "Plain language in all customer texts",
            "Whatever customers read can be understood at first reading: short sentences, no abbreviations,"
            " no foreign words where there is one of our own.",
            ("constraint",),
        ),
    ),
    filled_by=(Filling("beatriz"),),
    roles=(
        STOREFRONT,
        CUSTOMER_LOVE,
        FULFILMENT,
        GROWTH,
        PLATFORM,
        PEOPLE_AND_MONEY,
        Role(
            "northwind.strategy_keeper",
            "Strategy Keeper",
            "We know what we are leaving out.",
            (
                "Hosting two days a year in which we look further ahead",
                "Writing down our strategies in sentences with an “even if”",
                "Asking circles how a strategy showed in their work",
                "Retiring strategies that no longer help to choose",
            ),
            filled_by=(Filling("beatriz"),),
        ),
        Role(
            "northwind.brand_guardian",
            "Brand Guardian",
            "People recognise us with their eyes half closed.",
            (
                "Keeping name, mark and colours consistent",
                "Answering requests to use our name",
                "Helping circles to look like Northwind and still like themselves",
            ),
            (Domain("Name and mark of Northwind"),),
            filled_by=(Filling("maya"),),
        ),
        Role(
            "northwind.members_meeting",
            "Members’ Meeting",
            "Once a year we sit around one fire.",
            (
                "Finding a place everyone can reach without flying twice",
                "Preparing three days of work and walking",
                "Looking after those who cannot come",
            ),
            filled_by=(Filling("ines"),),
        ),
        Role(
            "northwind.legal_watch",
            "Legal Watch",
            "No law surprises us.",
            (
                "Following laws on trade, data and products where we sell",
                "Telling the roles concerned what changes for them, and when",
                "Engaging lawyers where we are out of our depth",
            ),
        ),
        Role(
            "northwind.governance_coach",
            "Governance Coach",
            "Everyone can change what they need to change.",
            (
                "Showing newcomers how a tension becomes a proposal",
                "Standing by facilitators and secretaries in their first meetings",
                "Collecting examples of proposals that helped",
                "Offering practice meetings about nothing serious",
            ),
            filled_by=(Filling("noor"),),
        ),
    ),
    facilitator=Elected("lucia", 172),
    secretary=Elected("tobias", 172),
    strategy="Repair before replace, even if we sell less.",
)

TENSIONS = (
    Tension(
        "sizes",
        "maya",
        "storefront.content_strategist",
        "Size tables differ between shop and help centre",
        "I publish both and cannot tell which one is right.",
        1,
    ),
    Tension(
        "price_changes",
        "maya",
        "storefront.copywriter",
        "I hear of price changes from customers",
        "Two people wrote that the Skerry jacket costs less in the shop than in its story. I had written the"
        " price into the text, and nobody had told me.",
        3,
    ),
    Tension(
        "reviews_reprint",
        "maya",
        "storefront.content_strategist",
        "Nobody reads reviews before a product is made again",
        "The second run of the Fell gaiters has the buckle that forty people complained about.",
        6,
    ),
    Tension(
        "prices_in_emails",
        "callum",
        "campaigns.planner",
        "Letters go out with prices that have changed since",
        "Our spring letter named 189 € for the Skerry jacket; the shop said 159 €.",
        8,
    ),
    Tension(
        "photo_briefs",
        "samira",
        "storefront.photo_desk",
        "Samples arrive without a word about what the pictures must show",
        "The Tarn trousers were photographed twice, because knees and cuffs were missing.",
        9,
    ),
    Tension(
        "search_words",
        "hana",
        "storefront.seo_gardener",
        "The words people search by get lost when a page is rewritten",
        "“Rain jacket” became “shell” on eleven pages, and visits fell by half.",
        4,
    ),
    Tension(
        "sample_list",
        "priya",
        "storefront.merchandiser",
        "Who keeps the list of samples that are on their way?",
        "I asked Samira, Samira asked me.",
        2,
    ),
    Tension(
        "goodwill_limit",
        "lucia",
        "customer_love.voice",
        "Nobody tells callers how goodwill above 50 € is decided",
        "Three callers this week asked, and each of us gave another answer.",
        5,
    ),
    Tension(
        "zip_claims",
        "jonah",
        "customer_love.warranty_steward",
        "Zip claims pile up, and I never learn the batch",
        "Twelve more claims than last week, all from the autumn tents, none with a batch number.",
        2,
    ),
    Tension(
        "handover",
        "wen",
        "support.technical_support",
        "I begin my day by asking what happened in the night",
        "Half an hour goes by every morning until I know which customers were promised what.",
        7,
    ),
    Tension(
        "workshop_lamp",
        "aroha",
        "repairs.zip_surgeon",
        "Nobody has looked at the solvent cupboard since Easter",
        "The extractor rattles, and Workshop Safety is unfilled.",
        11,
    ),
    Tension(
        "late_fabrics",
        "yusuf",
        "fulfilment.stock_planner",
        "I learn of late fabrics when the season has begun",
        "The merino for the winter base layers is six weeks late; the mill had written to us in summer.",
        3,
    ),
    Tension(
        "two_newsletters",
        "lea",
        "growth.newsletter",
        "Two letters reached the same people on one day",
        "Campaigns sent the season opening three hours after the newsletter.",
        5,
    ),
    Tension(
        "friday_prices",
        "noor",
        "platform.checkout_engineering",
        "Price changes on Fridays break the basket cache",
        "Twice this month somebody had to come back to work on a Friday night.",
        1,
    ),
    Tension(
        "newcomer_zones",
        "ines",
        "people_and_money.onboarding",
        "Newcomers in Asia meet nobody in their first week",
        "Linh spoke to one person before Wednesday.",
        12,
    ),
)

DECIDED = (
    Proposal(
        "no_approvals",
        "Texts go out without waiting for approval",
        "storefront",
        "tobias",
        "storefront.catalogue_steward",
        "Catalogue entries wait for approval of their texts, sometimes for weeks, though most are two lines"
        " long.",
        "The care text for the Loch socks waited nineteen days. Meanwhile the page said “text follows”.",
        "I would have published the two lines at once, by the voice guide, and Maya would have corrected a"
        " word later if she wished.",
        (
            AmendRole(
                "storefront.copywriter",
                remove_accountabilities=("Approving texts before they are published",),
            ),
        ),
        "meeting",
        112,
    ),
    Proposal(
        "climate_ledger",
        "Somebody counts what we cost the climate",
        "northwind",
        "beatriz",
        "northwind.strategy_keeper",
        "We say “repair before replace” and cannot tell whether it changes anything.",
        "A journalist asked how much a jacket weighs in carbon. Four of us gave four answers.",
        "One role would have had the number, and could have said how sure it is.",
        (
            AddRole(
                Role(
                    "northwind.climate_ledger",
                    "Climate Ledger",
                    "We know what we cost the climate, and it becomes less.",
                    (
                        "Counting emissions of making, moving and mending",
                        "Publishing the ledger every year, mistakes included",
                        "Showing circles where a change would matter most",
                        "Answering questions about our footprint",
                    ),
                    (Domain("Published climate figures"),),
                    filled_by=(Filling("samira"),),
                )
            ),
        ),
        "asynchronous",
        98,
    ),
    Proposal(
        "free_size_returns",
        "Returns for size are free",
        "fulfilment",
        "jonah",
        "fulfilment.returns_flow",
        "People keep trousers that do not fit because sending them back costs five euros. They do not come"
        " back either.",
        "In August a customer wrote that she gave her new Tarn trousers to a neighbour, and would try"
        " elsewhere.",
        "She would have had the right size within the week, and we a customer.",
        (
            AddPolicy(
                "fulfilment",
                Policy(
                    "fulfilment.free_size_returns",
                    "Returns for size are free",
                    "Nobody is charged for sending back something because of its size, once per order and"
                    " from every country we send to.",
                    ("constraint",),
                ),
            ),
        ),
        "meeting",
        84,
    ),
    Proposal(
        "claim_form",
        "Warranty Steward holds the claim form",
        "customer_love",
        "jonah",
        "customer_love.warranty_steward",
        "The claim form changes without my knowing, and then I miss what I need for a decision.",
        "In September the question for the date of purchase was gone for a week. Twenty-three claims had to"
        " be asked about it by mail.",
        "Whoever wanted a shorter form would have asked me, and we would have dropped another question.",
        (
            AmendRole(
                "customer_love.warranty_steward",
                add_domains=(Domain("Claim form", within="Repairs and claims"),),
                add_accountabilities=("Keeping the claim form short and sufficient",),
            ),
        ),
        "asynchronous",
        70,
    ),
    Proposal(
        "seasons_close",
        "Seasons close on their day",
        "campaigns",
        "lea",
        "campaigns.landing_pages",
        "Pages of past seasons stay because somebody has not answered yet.",
        "The autumn page stood until December: two of nine roles had not said whether it may go.",
        "The page would have gone on its last day, and whoever still needed something from it would have"
        " found it in the archive.",
        (RemovePolicy("campaigns.ask_before_close"),),
        "meeting",
        61,
    ),
    Proposal(
        "catalogue_in_workshop",
        "Invite Catalogue Steward into the workshop",
        "repairs",
        "aroha",
        "repairs.zip_surgeon",
        "We know which zip went into which tent, and the catalogue does not. Nobody of the catalogue is there"
        " when we decide what to write down.",
        "In October I wrote the zip lengths of eleven tents onto a card. Tobias found the card by chance, when"
        " a mender in Graz asked him for it.",
        "He would have sat with us when we wondered where such things belong.",
        (
            AddPolicy(
                "repairs",
                Policy(
                    "repairs.catalogue_steward",
                    "Catalogue Steward may link in",
                    "Catalogue Steward of Storefront is welcome to link into the workshop, for as long as it"
                    " likes.",
                    ("grant",),
                    in_sub_circles=False,
                    effect={"kind": "invite_link", "role": "storefront.catalogue_steward"},
                ),
            ),
        ),
        "asynchronous",
        53,
    ),
    Proposal(
        "size_and_fit",
        "Somebody looks after sizes",
        "storefront",
        "maya",
        "storefront.content_strategist",
        "Every third return is about size, and no role is accountable for size advice in the shop.",
        "In October one customer ordered the Skerry jacket in three sizes and sent back all of them.",
        "She would have found one table for this jacket, or a role to ask.",
        (
            AddRole(
                Role(
                    "storefront.size_and_fit",
                    "Size & Fit Guide",
                    "Half as many parcels come back because of size.",
                    (
                        "Keeping a size table per product",
                        "Answering questions about fit from other roles",
                        "Collecting size feedback in a spreadsheet",
                    ),
                )
            ),
        ),
        "asynchronous",
        45,
    ),
    Proposal(
        "goodwill_fifty",
        "Goodwill of up to fifty euros",
        "customer_love",
        "wen",
        "customer_love.goodwill_desk",
        "Most requests that reach my desk are between 30 and 50 €, and I have never refused one.",
        "Last month 31 of 38 requests were of that size. Each waited a day for a yes.",
        "Seven customers would have waited for me instead of thirty-eight.",
        (
            AmendPolicy(
                "customer_love.goodwill",
                body="Any role that talks with customers may give goodwill of up to 50 € per case without"
                " asking. It is noted in the order, with a sentence on why.",
            ),
        ),
        "meeting",
        33,
    ),
    Proposal(
        "parts_in_catalogue",
        "Every product lists its spare parts",
        "repairs",
        "kwame",
        "repairs.spare_parts",
        "People who mend themselves order the wrong part, because the shop does not say which one fits.",
        "Last week three parcels with tent poles came back: too long by two centimetres, all of them.",
        "They would have found the pole on the page of their tent, with its length.",
        (
            AmendRole(
                "storefront.catalogue_steward",
                add_accountabilities=("Listing with each product the spare parts that fit it",),
            ),
        ),
        "asynchronous",
        29,
    ),
    Proposal(
        "no_coupons",
        "No more coupon codes",
        "growth",
        "hana",
        "growth",
        "Codes meant for a few are found by everyone. We teach people to wait for the next one.",
        "In November six of ten orders used a code that was made for one hut in the Tyrol.",
        "The hut would have had its own thank-you through Partnerships, and nobody else would have known of"
        " it.",
        (
            RemoveRole("growth.coupon_desk"),
            AmendRole(
                "growth.partnerships",
                add_accountabilities=("Thanking partners’ guests in ways that cannot be passed on",),
            ),
        ),
        "asynchronous",
        24,
    ),
    Proposal(
        "repair_pictures",
        "Photo Desk shows what has been mended",
        "storefront",
        "samira",
        "storefront.photo_desk",
        "Repairs Workshop asks for pictures of repairs, and they fit nowhere in what I am here for.",
        "This quarter the workshop asked eleven times for pictures nobody had taken. The jackets were sent"
        " back to their owners before I knew.",
        "I would have photographed them on arrival, and cleared old raw files to have room for it.",
        (
            AmendRole(
                "storefront.photo_desk",
                add_accountabilities=("Photographing what comes back for repair, before and after",),
                amend_accountabilities=(
                    ("Keeping raw files for ever", "Keeping raw files for three seasons"),
                ),
            ),
        ),
        "meeting",
        14,
    ),
    Proposal(
        "photo_purpose",
        "Photo Desk: purpose amended",
        "storefront",
        "samira",
        "storefront.photo_desk",
        "My purpose speaks of use alone, and I now photograph repairs as well.",
        "Greta asked last week whether a darned elbow may be in the picture. I had to think about it.",
        "She would have read it in the purpose.",
        (
            AmendRole(
                "storefront.photo_desk",
                purpose="Pictures that show how gear is used, worn and mended.",
            ),
        ),
        "asynchronous",
        5,
    ),
)

OPEN = (
    Proposal(
        "product_stories",
        "Give product stories a home of their own",
        "storefront",
        "hana",
        "storefront.seo_gardener",
        "People who search for our gear land on pages whose words have been swapped for a campaign. The words"
        " they searched for are gone, and so are they.",
        "Last month the spring campaign replaced the story of the Skerry shell jacket for nine days. Visits"
        " from search fell from 410 to 96 a week. I learned of it from the weekly report.",
        "With product stories as a domain, and a block of its own for campaign text, the same campaign would"
        " have run beside the story, and the words people find us by would have stayed.",
        (
            AmendRole(
                "storefront.copywriter",
                purpose="Words that help people choose well and make them want to go outside.",
                add_domains=(Domain("Product stories on product pages", within="Shop pages"),),
                amend_accountabilities=(
                    (
                        "Writing product and campaign copy",
                        "Writing product stories and category introductions",
                    ),
                ),
                add_accountabilities=("Keeping a product’s story stable while campaigns run",),
            ),
            AddRole(
                Role(
                    "storefront.campaign_copywriter",
                    "Campaign Copywriter",
                    "Campaigns that sound like us and end without a trace.",
                    (
                        "Writing campaign text in the campaign block of a page",
                        "Removing campaign text on the day a campaign ends",
                    ),
                )
            ),
            AmendRole(
                "storefront.merchandiser",
                remove_accountabilities=("Replacing product copy for seasonal campaigns",),
            ),
            AddPolicy(
                "storefront",
                Policy(
                    "storefront.campaign_block",
                    "Campaign block is open to all",
                    "Any role in Storefront, and in its sub-circles, may place text and prices in the"
                    " campaign block of a product page without asking.",
                    ("domain",),
                    domain="Shop pages",
                ),
            ),
        ),
        days_ago=1,
        answered=("tobias", "samira"),
    ),
    Proposal(
        "written_handover",
        "Support Rota hands over in writing at 18:00 Halifax",
        "support",
        "wen",
        "support.technical_support",
        "Whoever starts in the morning does not know what the night has promised.",
        "On Tuesday I told a customer in Calgary to send her stove back. Linh had already posted her a new"
        " valve.",
        "I would have read about the valve with my first coffee, and she would have had one answer.",
        (
            AmendRole(
                "support.rota",
                add_accountabilities=("Collecting a written handover of open cases at 18:00 Halifax time",),
            ),
            AmendRole(
                "support.technical_support",
                add_accountabilities=("Handing over open cases in writing when a shift ends",),
            ),
        ),
        days_ago=0,
        answered=("rosa", "elena"),
    ),
)

DRAFTS = (
    Proposal(
        "one_place_for_sizes",
        "One place for sizes",
        "storefront",
        "maya",
        "storefront.content_strategist",
        "Size tables live in the shop and in the help centre, and they differ. I publish both and cannot tell"
        " which one is right.",
        "Last week a customer ordered the Tarn trousers by the help centre’s table, two sizes too small."
        " Callum paid the return, and asked me which table counts.",
        "",
        (
            AmendRole(
                "storefront.size_and_fit",
                add_domains=(Domain("Size tables", within="Shop pages"),),
                amend_accountabilities=(
                    (
                        "Keeping a size table per product",
                        "Keeping one size table per product, for shop and help centre alike",
                    ),
                ),
                remove_accountabilities=("Collecting size feedback in a spreadsheet",),
            ),
        ),
    ),
)

MEETINGS = (
    Meeting(
        "storefront",
        weekday=3,
        starts=time(14),
        minutes=60,
    ),
)

ANNOUNCED = (
    Announced(
        "spending",
        "samira",
        "storefront.photo_desk",
        "A second daylight lamp",
        "From November on there are five hours of usable light. A second lamp gives us eight.",
        days_ago=13,
        asked_of="storefront",
        amount="640",
        done="Bought for 612 euros, with two spare tubes.",
    ),
    Announced(
        "initiative",
        "callum",
        "",
        "Took the Fjell tent off the shop for a day",
        "Four people wrote in one morning that its front pole snaps. Nobody of Storefront could be asked.",
        days_ago=6,
        affected=("storefront.merchandiser",),
        crossed="Which products stand in the shop is for Merchandiser to choose.",
        said=("priya", "Put it back, with a note that the pole is replaced for free."),
        answer="It is back, with the note. The next time I call you first.",
    ),
    Announced(
        "intent",
        "priya",
        "storefront.merchandiser",
        "Keep weeks 9 to 12 of the editorial calendar for the spring range",
        "The makers deliver in week 8, and the range needs four weeks of stories to begin well.",
        days_ago=0,
        domains=(("storefront.content_strategist", "Editorial calendar"),),
    ),
)

DONE = (
    Calendar(
        "storefront",
        opens=time(9),
        closes=time(17),
        days_off=((16, "A day outdoors, all of us"),),
        days_ago=66,
    ),
    Led(
        "storefront",
        days_ago=57,
        strategies=(
            "Fewer pages, each one finished, even if a range goes live a week later.",
            "The fit before the picture, even if the page looks plainer.",
        ),
        priorities=(
            "storefront.catalogue_steward",
            "storefront.checkout_experience",
            "storefront.photo_desk",
        ),
    ),
    Linked("tobias", "storefront.catalogue_steward", "repairs", days_ago=49),
    Question(
        "storefront",
        "noor",
        "A customer told me that the delivery time to Norway on a product page was out of date. May I correct"
        " it as a plain error?",
        days_ago=38,
        policy="storefront.plain_errors",
        reading="A time that is plainly wrong is a plain error, like a wrong measure.",
        other="hana",
        other_reading="Spelling, links and measures are named. A delivery time is a promise, and none of them.",
        ruling="A delivery time is no plain error. Whoever finds a wrong one tells the role that publishes it.",
        logic="The policy names what anybody can check on the spot: spelling, links, measures. Whether a"
        " delivery time is right, only Carrier Steward knows.",
    ),
    Election(
        "campaigns",
        "facilitator",
        called_by="lea",
        note="I have facilitated for half a year, and would like to listen for a while.",
        term=345,
        days_ago=20,
        nominations=(
            Nomination("lea", "chiara", "She asks the short question that everybody was waiting for."),
            Nomination(
                "callum", "chiara", "In her rounds everybody has spoken before somebody speaks twice."
            ),
            Nomination("priya", "ingrid", "She keeps to the list, and to the hour."),
            Nomination("ingrid", "callum", "He knows the calendar, and sees early what will take long."),
            Nomination("chiara", "ingrid", "She is calm when a launch is not."),
        ),
        changed=(
            Nomination(
                "ingrid", "chiara", "Two of you say that she lets everybody speak. I had missed that."
            ),
        ),
        elected="chiara",
    ),
    Leave("priya", "storefront.merchandiser", to="noor", days_ago=2, days=12),
    Question(
        "storefront",
        "priya",
        "“Replacing product copy for seasonal campaigns”: are the titles that search engines show part of the"
        " copy?",
        days_ago=3,
        accountability=("storefront.merchandiser", "Replacing product copy for seasonal campaigns"),
        reading="A title is copy: whoever replaces the one replaces the other.",
        other="hana",
        other_reading="Titles are a domain of mine, and I have to be asked.",
    ),
    Election(
        "storefront",
        "facilitator",
        called_by="tobias",
        note="The term ends in three weeks. Let us choose before the launches of spring begin.",
        term=384,
        nominations=(
            Nomination("tobias", "noor", "Her meetings end on time, and nobody leaves with a question."),
            Nomination(
                "hana", "callum", "He comes from inside a circle of ours, and hears what we take for granted."
            ),
            Nomination("priya", "noor", "With her I never wonder which step we are in."),
        ),
    ),
)

NORTHWIND = Organization(
    slug="northwind",
    name="Northwind Outfitters",
    zone="Europe/Berlin",
    ratifiers=("beatriz", "ines", "lucia", "tobias"),
    people=PEOPLE,
    anchor=ANCHOR,
    tensions=TENSIONS,
    decided=DECIDED,
    open=OPEN,
    drafts=DRAFTS,
    meetings=MEETINGS,
    announced=ANNOUNCED,
    done=DONE,
)
